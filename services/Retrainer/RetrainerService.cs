using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.AzureSteps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Approvals;
using MLEvents.Ledger.Operators;
using MLEvents.Retrainer.BatchEndpoints;
using MLEvents.Retrainer.DataFactory;
using MLEvents.Retrainer.Jobs;
using MLEvents.Retrainer.Monitors;
using MLEvents.Retrainer.Runs;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer;

/// <summary>Starts a training run when a rule matches an event, once for each rule and event, and follows each run to its end.</summary>
public static class RetrainerService
{
    // A rule may match any event, so the service subscribes to all event topics.
    private static readonly string[] Subscriptions =
    [
        Topics.DatasetDriftDetected, Topics.RunStatusChanged, Topics.RunCompleted, Topics.ModelRegistered, Topics.ModelDeployed, Topics.OtherEvents,
    ];

    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <param name="configure">Runs before the service's own registrations; tests and the local host set ports and settings here.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceBuilder.Create(args);
        configure?.Invoke(builder);

        builder.AddServiceDefaults();
        builder.Services.UseGeneratedJson();
        builder.Services.AddSingleton<IValidateOptions<RetrainerOptions>, MonitorJobWaitValidator>();
        builder.Services.AddOptionsWithValidateOnStart<RetrainerOptions, RetrainerOptionsValidator>().BindConfiguration(RetrainerOptions.Section);
        builder.Services.AddAzureML();
        builder.Services.AddRules<RetrainingRule>();
        builder.Services.AddLedger<RetrainingPlan, RetrainingPlanner, Retraining>("retrainer", new(RetrainingPlanJson.Default.RetrainingPlan, Version: 2));
        builder.Services.AddAzureSteps();
        builder.Services.AddSingleton<MonitorJobs>();
        builder.Services.AddSingleton<RunAttempts>();
        builder.Services.AddSingleton<JobFollower>();
        builder.Services.AddSingleton<JobSteps>();
        builder.Services.AddSingleton<FactoryRuns>();
        builder.Services.AddSingleton<FactorySteps>();
        builder.Services.AddSingleton<BatchJobs>();
        builder.Services.AddSingleton<BatchSteps>();

        var app = builder.Build();
        app.MapServiceDefaults();
        var operations = app.MapOperations();
        operations.MapActions();
        operations.MapApprovals();
        app.MapApprovalLinks();
        foreach (var topic in Subscriptions)
        {
            app.MapTopic<ITopicHandler>(topic);
        }

        if (app.Services.GetRequiredService<ActionEvents<RetrainingRule>>().IsSubscribed)
        {
            app.MapTopic<ITopicHandler>(Topics.WorkflowActivity);
        }

        return app;
    }
}
