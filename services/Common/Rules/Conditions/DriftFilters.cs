using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>The Event Grid filters for a condition on <c>drift</c>. They pass the events that can report drift.</summary>
internal static class DriftFilters
{
    /// <summary>One filter for drift of a dataset monitor, and one for a run of a model monitor that exceeded a threshold.</summary>
    public static IReadOnlyList<FilterAlternative> All { get; } =
    [
        FilterAlternative.Unrestricted with { Types = [EventTypes.DatasetDriftDetected] },
        FilterAlternative.Unrestricted with { Types = [EventTypes.RunStatusChanged], Filters = [.. Breached()] },
    ];

    private static IEnumerable<AdvancedFilter> Breached() =>
        EventKey.Parse($"data.runTags.{Drift.BreachTag}", out _) is { } key ? [new AdvancedFilter(FilterOperator.All["IsNotNull"], key, new NoValueTest(), arrays: false)] : [];
}
