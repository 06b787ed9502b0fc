using System.Globalization;

namespace MLEvents.Events.Limits;

/// <summary>Describes decisions of a limit for people: the reason, and the earliest start.</summary>
internal static class LimitTexts
{
    private const int MaxNamed = 5;

    /// <summary>The reason why an action does not start if another action handles its event.</summary>
    public static string Coalesced(string by) => $"coalesced into action {LimitRequest.ActionOf(by)}, which acts for this event and a newer one";

    /// <summary>The reason for the wait, and the earliest time when the action can start.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="uses">The actions that the limit counts now.</param>
    /// <param name="position">The number of actions that wait before this action.</param>
    public static (string Reason, DateTimeOffset? Until) Describe(Limit limit, IReadOnlyDictionary<string, LimitUse> uses, int position)
    {
        var until = UntilOf(limit, uses, position);
        var ahead = position == 0 ? "" : Text($"; {position} {(position == 1 ? "action waits" : "actions wait")} before this one");
        return (Text($"{NameOf(limit)}: {CountOf(limit, uses)}{ahead}{(until is { } at ? $"; the next start is possible at {at:u}" : "")}"), until);
    }

    /// <summary>The limit's name, for instance <c>budget 'churn'</c>.</summary>
    public static string NameOf(Limit limit) => $"{limit.Kind.ToString().ToLowerInvariant()} '{limit.Key}'";

    private static string CountOf(Limit limit, IReadOnlyDictionary<string, LimitUse> uses) => limit.Kind switch
    {
        LimitKind.Concurrency => Text($"{uses.Count} of {limit.Max} {(limit.Max == 1 ? "place is" : "places are")} taken{(uses.Count == 0 ? "" : $" by {NamesOf(uses)}")}"),
        LimitKind.Cooldown => uses.Count == 0 ? Text($"no action started in {limit.Period}") : $"started by {NamesOf(uses)}",
        _ => Text($"{uses.Count} of {limit.Max} {(limit.Max == 1 ? "start" : "starts")} in {limit.Period} {(limit.Max == 1 ? "is" : "are")} used{(uses.Count == 0 ? "" : $", by {NamesOf(uses)}")}"),
    };

    // After a limit was lowered, several starts have to leave the period first.
    private static DateTimeOffset? UntilOf(Limit limit, IReadOnlyDictionary<string, LimitUse> uses, int position)
    {
        var leaving = uses.Count - limit.Max + position;
        return limit.Period is { } period && leaving >= 0 && leaving < uses.Count ? uses.Values.Select(use => use.At).Order().ElementAt(leaving) + period : null;
    }

    private static string NamesOf(IReadOnlyDictionary<string, LimitUse> uses)
    {
        var names = string.Join(", ", uses.OrderByDescending(use => use.Value.At).Take(MaxNamed).Select(use => $"action {LimitRequest.ActionOf(use.Key)}"));
        return uses.Count <= MaxNamed ? names : Text($"{names} and {uses.Count - MaxNamed} more");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
