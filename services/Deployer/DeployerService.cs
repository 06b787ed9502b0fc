using MLEvents.AzureML;
using MLEvents.AzureSteps;
using MLEvents.Deployer.Operators;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Approvals;
using MLEvents.Ledger.Operators;
using MLEvents.Rules;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer;

/// <summary>
/// Rolls models out to online endpoints in steps, when a rule matches an event or an operator requests it. A repeated event causes no second roll-out.
/// Also rolls endpoints back at an operator's request.
/// </summary>
public static class DeployerService
{
    // A rule may match any event that names a model, so the service subscribes to all event topics.
    private static readonly string[] Subscriptions =
    [
        Topics.ModelRegistered, Topics.ModelDeployed, Topics.RunCompleted, Topics.RunStatusChanged, Topics.DatasetDriftDetected, Topics.OtherEvents,
    ];

    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <param name="configure">Runs before the service's own registrations; tests and the local host set ports and settings here.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceBuilder.Create(args);
        configure?.Invoke(builder);

        builder.AddServiceDefaults();
        builder.Services.UseGeneratedJson(DeployerJson.Default);
        builder.Services.AddOptionsWithValidateOnStart<DeployerOptions, DeployerOptionsValidator>().BindConfiguration(DeployerOptions.Section);
        builder.Services.AddAzureML();
        builder.Services.AddRules<DeploymentRule>();
        builder.Services.AddLedger<RolloutPlan, RolloutPlanner, Rollout>("deployer", new(RolloutPlanJson.Default.RolloutPlan, Version: 5));
        builder.Services.AddAzureSteps();
        builder.Services.AddRolloutSteps();
        builder.Services.AddSingleton<OperatorRequests>();

        var app = builder.Build();
        app.MapServiceDefaults();
        var operations = app.MapOperations();
        operations.MapActions();
        operations.MapDeployments();
        operations.MapApprovals();
        app.MapApprovalLinks();
        foreach (var topic in Subscriptions)
        {
            app.MapTopic<ITopicHandler>(topic);
        }

        if (app.Services.GetRequiredService<ActionEvents<DeploymentRule>>().IsSubscribed)
        {
            app.MapTopic<ITopicHandler>(Topics.WorkflowActivity);
        }

        return app;
    }
}
