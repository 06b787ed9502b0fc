using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Registers the ledger.</summary>
public static class LedgerServiceCollectionExtensions
{
    /// <summary>Adds the ledger of a service: <see cref="ActionRunner"/> and the reconciler, settings from the <c>Ledger</c> section.</summary>
    /// <typeparam name="TWork">The service's work.</typeparam>
    /// <typeparam name="TRequests">What its rules ask for.</typeparam>
    /// <param name="services">Needs a <c>DaprClient</c> too.</param>
    /// <param name="service">The service's name, part of every action's id: a rename makes past events new.</param>
    public static IServiceCollection AddLedger<TWork, TRequests>(this IServiceCollection services, string service)
        where TWork : class, IActionExecutor
        where TRequests : class, IActionPlanner
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<LedgerOptions, LedgerOptionsValidator>().BindConfiguration(LedgerOptions.Section);
        services.AddSingleton(new LedgerService(service));
        services.AddSingleton<IActionExecutor, TWork>();
        services.AddSingleton<IActionPlanner, TRequests>();
        services.AddMetrics();
        services.AddSingleton<LedgerTelemetry>();
        services.AddSingleton<ReconcilerSignal>();
        services.AddSingleton<RecordVersions>();
        services.AddSingleton<RecordStore>();
        services.AddSingleton<PendingIndex>();
        services.AddSingleton<FailedIndex>();
        services.AddSingleton<IResourceLock, ResourceLocks>();
        services.AddSingleton<IFollowUps, FollowUps>();
        services.AddSingleton<ActivityPublisher>();
        services.AddSingleton<ActionExecutor>();
        services.AddSingleton(provider => new ActionRunner(
            provider.GetRequiredService<LedgerService>(),
            provider.GetRequiredService<RecordStore>(),
            provider.GetRequiredService<PendingIndex>(),
            provider.GetRequiredService<ActivityPublisher>(),
            provider.GetRequiredService<ActionExecutor>(),
            provider.GetRequiredService<ActionControl>(),
            provider.GetRequiredService<IOptions<LedgerOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ActionRunner>>()));
        services.AddSingleton<ActionList>();
        services.AddSingleton<ActionControl>();
        services.AddSingleton<Reconciler>();
        services.AddHostedService(provider => provider.GetRequiredService<Reconciler>());
        return services;
    }
}

/// <summary>Whose ledger it is.</summary>
internal sealed class LedgerService(string name)
{
    private readonly string _instance = Guid.NewGuid().ToString("N")[..8];
    private long _claims;

    public string Name => name;

    /// <summary>A token for one claim: two claims of one process are two owners, for they must not work on an action at the same time either.</summary>
    public string NewOwner() => $"{name}-{_instance}-{Interlocked.Increment(ref _claims)}";
}
