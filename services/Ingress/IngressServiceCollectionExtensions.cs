using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Webhook;
using MLEvents.State;

namespace MLEvents.Ingress;

/// <summary>Registers the services of the ingress.</summary>
internal static class IngressServiceCollectionExtensions
{
    /// <summary>Adds the webhook, the quarantine and the dead letters; settings from the <c>Ingress</c> and <c>DeadLetters</c> sections.</summary>
    public static IServiceCollection AddIngress(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<IngressOptions>, IngressRulesValidator>();
        services.AddOptionsWithValidateOnStart<IngressOptions, IngressOptionsValidator>().BindConfiguration(IngressOptions.Section);
        services.AddSingleton<IngressTelemetry>().AddSingleton<RequestReader>().AddSingleton<EventPublisher>().AddSingleton<Handshakes>().AddSingleton<RefusalLimiter>().AddSingleton<Intake>();
        services.AddSingleton<ForcedReplays>().AddSingleton<ReplayTokens>();
        services.AddDeadLetterStore(Topics.Quarantine).AddKeyedSingleton<IReplay, ReplayQuarantined>(Topics.Quarantine).AddSingleton<StoreQuarantined>();
        services.AddDeadLetterStore(Topics.DeadLetters).AddKeyedSingleton<IReplay, ReplayDeadLetter>(Topics.DeadLetters).AddSingleton<StoreDeadLetter>();
        return services;
    }
}
