using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>The key of an advanced filter: an attribute of the event, or a path below <c>data</c>.</summary>
internal static class FilterKey
{
    /// <summary>Splits a key into its levels.</summary>
    /// <exception cref="ArmRefusal">The key has an array index, an empty level, or levels below an attribute other than <c>data</c>.</exception>
    public static string[] Parse(string key)
    {
        var levels = key.Split('.');
        var error =
            key.AsSpan().IndexOfAny('[', ']') >= 0 ? "must not contain an array index"
            : levels.Contains("") ? "must not contain an empty level"
            : levels.Length > 1 && !levels[0].Equals("data", StringComparison.OrdinalIgnoreCase) ? "has too many levels; only 'data' has levels below it"
            : null;
        return error is null ? levels : throw ArmRefusal.BadContent($"The advanced filter key '{key}' {error}.", "properties.filter.advancedFilters");
    }
}
