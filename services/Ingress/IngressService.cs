using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress;

/// <summary>Takes Event Grid's webhooks and publishes the events to Dapr pub/sub. Knows no rule and no Azure ML.</summary>
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

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapIngress();
        return app;
    }
}
