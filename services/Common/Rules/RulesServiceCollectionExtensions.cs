using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MLEvents.Rules;

/// <summary>Registers rules with a service.</summary>
public static class RulesServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="RuleSource{TRule}"/>, its options and its health check (tag <c>rules</c>). The rules are loaded at start and after each change of their files.</summary>
    /// <typeparam name="TRule">The kind of rule: it decides which file of <see cref="RulesOptions.Directory"/> is read.</typeparam>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddRules<TRule>(this IServiceCollection services)
        where TRule : Rule
    {
        services.AddOptionsWithValidateOnStart<RulesOptions, RulesOptionsValidator>().BindConfiguration(RulesOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RuleSource<TRule>>();
        services.AddSingleton<ActionEvents<TRule>>();
        services.AddHostedService(provider => provider.GetRequiredService<RuleSource<TRule>>());
        services.AddHostedService<RulesAnnouncement<TRule>>();
        services.AddHealthChecks().AddCheck<RulesHealthCheck<TRule>>($"{typeof(TRule).Name}s", tags: ["rules"]);
        return services;
    }
}
