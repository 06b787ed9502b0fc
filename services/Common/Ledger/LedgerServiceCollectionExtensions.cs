using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

using MLEvents.Events;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Approvals;
using MLEvents.Ledger.Chains;
using MLEvents.Ledger.Credentials;
using MLEvents.Ledger.Execution;
using MLEvents.Ledger.Indexes;
using MLEvents.Ledger.Limits;
using MLEvents.Ledger.Operators;
using MLEvents.Ledger.Planning;
using MLEvents.Ledger.Reconciliation;
using MLEvents.Ledger.Records;
using MLEvents.Ledger.Waking;
using MLEvents.State;

namespace MLEvents.Ledger;

/// <summary>Registers the ledger.</summary>
public static class LedgerServiceCollectionExtensions
{
    /// <summary>Adds the ledger of a service: the <see cref="ITopicHandler"/> of its events and the reconciler. Settings come from the <c>Ledger</c> section.</summary>
    /// <typeparam name="TPlan">The type of the service's plans.</typeparam>
    /// <typeparam name="TPlanner">Plans the actions that the rules request.</typeparam>
    /// <typeparam name="TExecutor">Executes the plans.</typeparam>
    /// <param name="services">The services; a <c>DaprClient</c> must be registered too.</param>
    /// <param name="service">The name of the service. The ids of actions are derived from the name, so past events count as new after a rename.</param>
    /// <param name="format">The format of the stored plans.</param>
    /// <param name="endsChains">Whether the actions of the service cause no events except the reports about them, so that <see cref="LedgerOptions.MaxChainDepth"/> does not apply. Default false.</param>
    public static IServiceCollection AddLedger<
        TPlan, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TPlanner, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TExecutor>(
        this IServiceCollection services, string service, PlanFormat<TPlan> format, bool endsChains = false)
        where TPlan : class
        where TPlanner : class, IActionPlanner<TPlan>
        where TExecutor : class, IActionExecutor<TPlan>
    {
        services.AddSingleton<IActionPlanner<TPlan>, TPlanner>();
        services.AddSingleton<IActionExecutor<TPlan>, TExecutor>();
        services.AddSingleton(format);
        services.AddSingleton<TypedPlanning<TPlan>>();
        services.AddSingleton<IPlanning>(provider => provider.GetRequiredService<TypedPlanning<TPlan>>());
        services.AddSingleton<IRequestedActions<TPlan>, RequestedActions<TPlan>>();
        return services.AddLedgerCore(service, format.Version, endsChains);
    }

    /// <summary>Adds everything that does not depend on the type of the plans; <see cref="IPlanning"/> must be registered too.</summary>
    internal static IServiceCollection AddLedgerCore(this IServiceCollection services, string service, int planVersion, bool endsChains = false)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new CallTimeout(TimeProvider.System));
        services.AddOptionsWithValidateOnStart<LedgerOptions, LedgerOptionsValidator>().BindConfiguration(LedgerOptions.Section);
        services.AddMetrics();

        // The contract is first, so that all services use the generated code, also those that have reflection.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, LedgerJson.Default));
        services.AddSingleton(new LedgerService(service, endsChains));
        services.AddSingleton(new PlanVersion(planVersion));
        services.AddSingleton<LedgerTelemetry>();
        services.AddRecords();
        services.AddActivity();
        services.AddGates();
        services.AddChains();
        services.AddExecution();
        services.AddOperations();
        services.AddSingleton<Reconciler>();
        services.AddHostedService(provider => provider.GetRequiredService<Reconciler>());
        return services;
    }

    // Adds the stored records, their leases and their indexes.
    private static void AddRecords(this IServiceCollection services)
    {
        services.AddSingleton<RecordVersions>();
        services.AddSingleton<RecordStore>();
        services.AddSingleton<LeaseHolders>();
        services.AddSingleton<IResourceLock, ResourceLocks>();
        services.AddSingleton<ReconcilerSignal>();
        services.AddSingleton<PendingIndex>();
        services.AddSingleton<FailedIndex>();
    }

    // Adds the publication of changes to the topic workflow-activity.
    private static void AddActivity(this IServiceCollection services)
    {
        services.AddSingleton<ActivityPublisher>();
        services.AddSingleton<ActivityOutbox>();
        services.AddSingleton<IRulesLoadedPublisher, RulesLoadedPublisher>();
    }

    // Adds the checks that can hold an action back: limits, refused credentials, approvals.
    private static void AddGates(this IServiceCollection services)
    {
        services.AddSingleton<LimitStore>();
        services.AddSingleton<EndedHolderFinder>();
        services.AddSingleton<LimitClaims>();
        services.AddSingleton<LimitCheck>();
        services.AddSingleton<CredentialStates>();
        services.AddSingleton<CredentialCheck>();
        services.AddHealthChecks().AddCheck<CredentialHealthCheck>("credentials", tags: ["credentials"]);
        services.AddApprovals();
    }

    private static void AddChains(this IServiceCollection services)
    {
        services.AddSingleton<ChainGuard>();
        services.AddOptionsWithValidateOnStart<ChainOptions, ChainOptionsValidator>().BindConfiguration(ChainOptions.Section);
        services.AddSingleton<IChainRecords, StoredChainRecords>();
        services.AddSingleton<IChainLookup, RecordedChainLookup>();
        services.AddSingleton<ChainJoin>();
    }

    // Adds the execution of actions, from the event to the recorded result.
    private static void AddExecution(this IServiceCollection services)
    {
        services.AddSingleton<IFollowUps, FollowUps>();
        services.AddSingleton<ActionWaker>();
        services.AddSingleton<StopDeadline>();
        services.AddSingleton<ResultRecorder>();
        services.AddSingleton<ActionExecutor>();
        services.AddSingleton<ActionRestart>();
        services.AddSingleton<ForcedReplays>();
        services.AddSingleton<ForcedReplayCheck>();
        services.AddSingleton<ActionRunner>();
        services.AddSingleton<ITopicHandler, ActOnEvent>();
    }

    // Adds the lists, retries and cancellations of the operators' API.
    private static void AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<ActionList>();
        services.AddSingleton<CurrentRules>();
        services.AddSingleton<ActionControl>();
    }
}
