using Azure.Core;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.AzureML.Monitoring;
using MLEvents.AzureML.Quotas;
using MLEvents.AzureML.Scaling;
using MLEvents.AzureML.Scoring;
using MLEvents.AzureML.Tracking;
using MLEvents.AzureSteps;
using MLEvents.Deployer.Queueing;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.ServiceDefaults;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Rules, plans, records and the executor under test.</summary>
internal static class TestData
{
    public const string Deployment = "m3-0123abcd";

    /// <summary>The ARM id of a registry of the simulator.</summary>
    public const string Registry = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/registries/contoso";

    public static ResourceIdentifier Workspace { get; } = new(SampleEvents.Workspace);

    public static DateTimeOffset Now { get; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static RolloutPlan Plan { get; } = new()
    {
        WorkspaceId = SampleEvents.Workspace,
        Model = "churn",
        Version = "3",
        Endpoint = "churn-scoring",
        Deployment = Deployment,
        Location = "westeurope",
        InstanceType = "Standard_DS3_v2",
        InstanceCount = 2,
        AuthMode = "AADToken",
        Traffic = 100,
        Tags = new Dictionary<string, string> { ["team"] = "churn", [Correlation.RuleTag] = "forged" },
    };

    public static WorkflowEvent Registered(string data = """{ "modelName": "churn", "modelVersion": "3" }""", string subject = "") =>
        SampleEvents.Create("ModelRegistered", data, subject, "registered-1");

    /// <summary>Creates a rule with the given <c>deploy</c>, which is YAML in one line.</summary>
    public static DeploymentRule Rule(string deploy)
    {
        using var folder = new TempFolder();
        var file = folder.Write("deployments.yaml", $$"""
            deployments:
              - name: rollout
                when: { includedEventTypes: [ModelRegistered] }
                deploy: {{deploy}}
            """);
        return RuleLoader.LoadDeployments(file).Rules.Single();
    }

    public static ModelVersion Model(string? type = "mlflow_model", bool archived = false) => new(
        new ResourceIdentifier($"{SampleEvents.Workspace}/models/churn/versions/3"), "churn", "3", type, new Dictionary<string, string>(), new Dictionary<string, string>(), null, archived);

    /// <summary>Creates a planner. The planner itself has no rules in force, because the tests pass the rule to it.</summary>
    public static RolloutPlanner Planner()
    {
        using var folder = new TempFolder();
        folder.Write("deployments.yaml", "deployments: []\n");
        var rules = new RuleSource<DeploymentRule>(Options.Create(new RulesOptions { Directory = folder.Path }), TimeProvider.System, NullLogger<RuleSource<DeploymentRule>>.Instance);
        return new RolloutPlanner(rules, Options.Create(new StudioOptions()));
    }

    public static ActionRecord Record(RolloutPlan plan, string stage = "", params IEnumerable<KeyValuePair<string, string>> state) => new()
    {
        Id = "0123abcd0123abcd0123",
        Service = "deployer",
        Rule = "rollout",
        CorrelationId = "chain-1",
        Event = Registered().Envelope,
        Plan = plan.ToJson(),
        Stage = stage,
        State = new Dictionary<string, string>(state) { ["modelId"] = Model().Id.ToString() },
        CreatedAt = Now,
    };

    public static Rollout Work(FakeAzure azure, TimeProvider? time = null)
    {
        var clock = time ?? new FakeTimeProvider(Now);
        var options = Options.Create(new DeployerOptions());
        return Work(azure, options, clock);
    }

    /// <summary>Creates the executor under test with settings and a clock.</summary>
    public static Rollout Work(FakeAzure azure, IOptions<DeployerOptions> options, TimeProvider clock)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(clock).AddSingleton(options).AddSingleton(Options.Create(new StudioOptions()));
        services.AddSingleton<AzureStep>().AddSingleton<Rollout>().AddRolloutSteps();
        services.AddSingleton<IModelVersions>(azure).AddSingleton<IJobs>(azure).AddSingleton<IOnlineEndpoints>(azure).AddSingleton<IOnlineDeployments>(azure);
        services.AddSingleton<IMachineQuotas>(azure).AddSingleton<IRunMetrics>(azure).AddSingleton<IScoring>(azure).AddSingleton<IEndpointMetrics>(azure).AddSingleton<IAutoscaleSettings>(azure);
        services.AddSingleton<IResourceLock>(azure).AddSingleton<IEndpointQueues>(azure).AddSingleton<IFollowUps>(azure);
        return services.BuildServiceProvider().GetRequiredService<Rollout>();
    }

    /// <summary>Executes a step with the plan of the record, as the ledger does.</summary>
    public static Task<StepResult> StepAsync(this Rollout work, ActionRecord record, CancellationToken cancellationToken) => work.StepAsync(record, RolloutPlan.Read(record.Plan), cancellationToken);
}
