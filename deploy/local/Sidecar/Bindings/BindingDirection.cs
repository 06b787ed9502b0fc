using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>The metadata item <c>direction</c>: <c>input</c>, <c>output</c>, or both, separated by a comma.</summary>
internal static class BindingDirection
{
    /// <summary>Whether the app may invoke the component. Default true.</summary>
    public static bool AllowsOutput(ComponentSpec spec) =>
        spec.Setting("direction") is not { } given
        || given.Split(',', StringSplitOptions.TrimEntries).Contains("output", StringComparer.OrdinalIgnoreCase);
}
