using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Operators;
using MLEvents.Notifier.Bindings;
using MLEvents.Notifier.Chat;
using MLEvents.Notifier.Email;
using MLEvents.Notifier.Outgoing;
using MLEvents.Notifier.States;
using MLEvents.Notifier.Throttling;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Notifier;

/// <summary>
/// Notifies people and other systems about events, by e-mail or through any Dapr output binding, as the rules in <c>alerts.yaml</c> say. Also mails
/// approval requests to their recipients.
/// </summary>
public static class NotifierService
{
    private static readonly string[] Subscribed =
    [
        Topics.ModelRegistered, Topics.ModelDeployed, Topics.RunCompleted, Topics.RunStatusChanged, Topics.DatasetDriftDetected, Topics.OtherEvents,
        Topics.Approvals,
    ];

    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <param name="configure">Runs before the service's own registrations; tests and the local host set ports and settings here.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceBuilder.Create(args);
        configure?.Invoke(builder);

        builder.AddServiceDefaults();
        builder.Services.UseGeneratedJson(NotifierJson.Default);
        builder.Services.AddRules<AlertRule>();
        builder.Services.AddLedger<AlertPlan, AlertPlanner, SendAlert>("notifier", new(AlertPlanJson.Default.AlertPlan), endsChains: true);
        builder.Services.AddMail();
        builder.Services.AddSingleton<IValidateOptions<OutgoingOptions>, OutgoingOptionsValidator>();
        builder.Services.AddOptions<OutgoingOptions>().BindConfiguration(OutgoingOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<OutgoingGuard>();
        builder.Services.AddSingleton<NotifierTelemetry>();
        builder.Services.AddSingleton<ChainStore>();
        builder.Services.AddSingleton<AlertStateStore>();
        builder.Services.AddSingleton<IValidateOptions<DashboardLinkOptions>, DashboardLinkOptionsValidator>();
        builder.Services.AddOptions<DashboardLinkOptions>().BindConfiguration(DashboardLinkOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<ApprovalNotices>();
        builder.Services.AddSingleton<ThrottleStore>();
        builder.Services.AddSingleton<ThrottledAlert>();
        builder.Services.AddSingleton<DigestSender>();
        builder.Services.AddBindings();

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapOperations().MapActions();
        foreach (var topic in Subscribed)
        {
            app.MapTopic<ITopicHandler>(topic);
        }

        if (app.Services.GetRequiredService<ActionEvents<AlertRule>>().IsSubscribed)
        {
            app.MapTopic<ITopicHandler>(Topics.WorkflowActivity);
        }

        return app;
    }

    private static void AddBindings(this IServiceCollection services)
    {
        services.AddSingleton<WebhookRateLimiter>();
        services.AddSingleton<BindingSender>();
        services.AddSingleton<SlackThreads>();
        services.AddSingleton<ChatSender>();
    }

    private static void AddMail(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<MailOptions, MailOptionsValidator>().BindConfiguration(MailOptions.Section);
        services.AddHttpClient(MailTokens.Client).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false }).RemoveAllLoggers();
        services.AddSingleton<MailTokens>();
        services.AddSingleton<SmtpSessionPool>();
        services.AddSingleton<MailServerState>();
        services.AddSingleton<MailSender>();
        services.AddHealthChecks().AddCheck<MailHealthCheck>("mail");
    }
}
