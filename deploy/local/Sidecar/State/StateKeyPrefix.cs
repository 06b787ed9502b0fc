using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Reads the metadata item <c>keyPrefix</c> of a state store.</summary>
internal static class StateKeyPrefix
{
    /// <summary>The text between prefix and key. Neither may contain it.</summary>
    public const string Separator = "||";

    /// <summary>
    /// Returns the text before each key: empty for <c>none</c>, otherwise a name and the separator.
    /// For <c>appid</c> (default), the name is the app's id. <c>namespace</c> has the same result, because the embedded sidecar has no namespaces.
    /// For <c>name</c>, the name is the component's name. Any other value is itself the name, in lower case and with its spaces, as in daprd.
    /// </summary>
    /// <exception cref="ResourceException">The prefix contains the separator.</exception>
    public static string From(ComponentSpec spec, string appId)
    {
        var strategy = spec.Setting("keyPrefix") ?? "appid";
        if (strategy.Contains(Separator, StringComparison.Ordinal))
        {
            throw new ResourceException(spec.Source, $"component '{spec.Name}': 'keyPrefix: {strategy}' must not contain '{Separator}'");
        }

        return strategy.ToUpperInvariant() switch
        {
            "NONE" => "",
            "NAME" => spec.Name + Separator,
            "APPID" or "NAMESPACE" => appId + Separator,
            _ => strategy.ToLowerInvariant() + Separator,
        };
    }
}
