using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Reads the metadata item <c>keyPrefix</c> of a state store.</summary>
internal static class StateKeyPrefix
{
    /// <summary>The text between prefix and key. Neither may contain it.</summary>
    public const string Separator = "||";

    /// <summary>
    /// Returns the text before each key: empty for <c>none</c>, otherwise a name and the separator. The name is the app's id for <c>appid</c> (default) and
    /// <c>namespace</c> (the embedded sidecar has no namespaces), the component's name for <c>name</c>, and for other values the value in lower case with its spaces, as in daprd.
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
