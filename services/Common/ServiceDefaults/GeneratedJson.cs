using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.DependencyInjection;

namespace MLEvents.ServiceDefaults;

/// <summary>Registers generated JSON contracts.</summary>
public static class GeneratedJson
{
    /// <summary>
    /// Uses generated contracts instead of reflection for answers and stored values, also in a process that has reflection. A type that is missing in the contracts then fails in every program, not only in a native one.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="contracts">The contracts of the service, in addition to those of its libraries.</param>
    public static IServiceCollection UseGeneratedJson(this IServiceCollection services, params IJsonTypeInfoResolver[] contracts) => services.ConfigureHttpJsonOptions(json =>
    {
        var chain = json.SerializerOptions.TypeInfoResolverChain;
        foreach (var reflection in chain.OfType<DefaultJsonTypeInfoResolver>().ToList())
        {
            chain.Remove(reflection);
        }

        foreach (var contract in contracts)
        {
            chain.Add(contract);
        }
    });
}
