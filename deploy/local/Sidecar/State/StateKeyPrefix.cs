using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Reads the metadata item <c>keyPrefix</c> of a state store.</summary>
internal static class StateKeyPrefix
{
    /// <summary>Between prefix and key, so neither may hold it.</summary>
    public const string Separator = "||";

    /// <summary>
    /// The text before each key: <c>appid</c> (default) and <c>namespace</c> the app's id (the embedded sidecar has no namespaces),
    /// <c>name</c> the component's name, <c>none</c> nothing, anything else itself.
    /// </summary>
    /// <exception cref="ResourceException">The prefix holds the separator.</exception>
    public static string From(ComponentSpec spec, string appId)
    {
        var strategy = spec.Setting("keyPrefix")?.Trim() ?? "appid";
        if (strategy.Contains(Separator, StringComparison.Ordinal))
        {
            throw new ResourceException(spec.Source, $"component '{spec.Name}': 'keyPrefix: {strategy}' must not contain '{Separator}'");
        }

        return strategy.ToUpperInvariant() switch
        {
            "NONE" => "",
            "NAME" => spec.Name + Separator,
            "APPID" or "NAMESPACE" => appId + Separator,
            _ => strategy + Separator,
        };
    }
}
