using MLEvents.Events;
using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Webhook;
using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress;

/// <summary>Receives Event Grid's webhooks, publishes the events to Dapr pub/sub, and stores quarantined messages and dead letters. It does not read the rules and does not call Azure ML.</summary>
public static class IngressService
{
    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <param name="configure">Runs before the service's own registrations; tests and the local host set ports and settings here.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceBuilder.Create(args);
        configure?.Invoke(builder);

        builder.AddServiceDefaults();
        builder.Services.AddIngress();

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapIngress();
        app.MapRawTopic<StoreQuarantined>(Topics.Quarantine);
        app.MapRawTopic<StoreDeadLetter>(Topics.DeadLetters);
        app.MapDeadLetters();
        return app;
    }
}
