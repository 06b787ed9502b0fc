using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>The metadata item <c>direction</c>: <c>input</c>, <c>output</c>, or both with a comma.</summary>
internal static class BindingDirection
{
    /// <summary>Whether the component may call the app. Default true.</summary>
    public static bool AllowsInput(ComponentSpec spec) => Allows(spec, "input");

    /// <summary>Whether the app may invoke the component. Default true.</summary>
    public static bool AllowsOutput(ComponentSpec spec) => Allows(spec, "output");

    /// <summary>Whether the item is there and says that the component calls the app; then daprd does not ask the app first.</summary>
    public static bool DemandsInput(ComponentSpec spec) => spec.Setting("direction") is not null && AllowsInput(spec);

    private static bool Allows(ComponentSpec spec, string direction) =>
        spec.Setting("direction") is not { } given
        || given.Split(',', StringSplitOptions.TrimEntries).Contains(direction, StringComparer.OrdinalIgnoreCase);
}
