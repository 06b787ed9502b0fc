using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.DeadLetters;
using MLEvents.State;
using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress;

/// <summary>Takes Event Grid's webhooks, publishes the events to Dapr pub/sub, and keeps what could not be read or handled. Knows no rule and no Azure ML.</summary>
public static class IngressService
{
    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <param name="configure">Runs before the service's own registrations; tests and the local host set ports and settings here.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);

        builder.AddServiceDefaults();
        builder.Services.AddSingleton<IValidateOptions<IngressOptions>, IngressOptionsValidator>();
        builder.Services.AddOptions<IngressOptions>().BindConfiguration(IngressOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IngressTelemetry>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddSingleton<Handshakes>();
        builder.Services.AddSingleton<Intake>();
        builder.Services.AddDeadLetterStore(Topics.Quarantine).AddKeyedSingleton<IReplay, ReplayQuarantined>(Topics.Quarantine).AddSingleton<StoreQuarantined>();
        builder.Services.AddDeadLetterStore(Topics.DeadLetters).AddKeyedSingleton<IReplay, ReplayDeadLetter>(Topics.DeadLetters).AddSingleton<StoreDeadLetter>();

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapIngress();
        app.MapRawTopic<StoreQuarantined>(Topics.Quarantine);
        app.MapRawTopic<StoreDeadLetter>(Topics.DeadLetters);
        app.MapKept();
        return app;
    }
}
