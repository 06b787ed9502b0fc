using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Senders;
using MLEvents.Ingress.Webhook;
using MLEvents.ServiceDefaults;
using MLEvents.ServiceDefaults.Tokens;
using MLEvents.State;

namespace MLEvents.Ingress;

/// <summary>Registers the services of the ingress.</summary>
internal static class IngressServiceCollectionExtensions
{
    /// <summary>Adds the webhook, the quarantine and the dead letters; settings from the <c>Ingress</c> and <c>DeadLetters</c> sections.</summary>
    public static IServiceCollection AddIngress(this IServiceCollection services)
    {
        services.UseGeneratedJson(IngressJson.Default);
        services.AddSingleton<IValidateOptions<IngressOptions>, SenderRulesValidator>();
        services.AddOptionsWithValidateOnStart<IngressOptions, IngressOptionsValidator>().BindConfiguration(IngressOptions.Section);
        services.AddSingleton<IngressTelemetry>().AddSingleton<RequestReader>().AddSingleton<EventPublisher>().AddSingleton<Handshakes>().AddSingleton<BodyLimiter>().AddSingleton<Intake>();
        services.AddSingleton<SenderDirectory>().AddSingleton<SenderAuthentication>().AddSingleton<RefusalLimiter>();
        services.AddSingleton<ITrustedIssuers>(provider => provider.GetRequiredService<SenderDirectory>());
        services.AddSingleton<ForcedReplays>().AddSingleton<ReplayTokens>();
        services.AddDeadLetterStore(Topics.Quarantine).AddKeyedSingleton<IReplay, ReplayQuarantined>(Topics.Quarantine).AddSingleton<StoreQuarantined>();
        services.AddDeadLetterStore(Topics.DeadLetters).AddKeyedSingleton<IReplay, ReplayDeadLetter>(Topics.DeadLetters).AddSingleton<StoreDeadLetter>();
        return services;
    }
}
