using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLEvents.Local.Host;

/// <summary>The action of one drift event, as the retrainer shows it.</summary>
/// <param name="Id">The action's id.</param>
/// <param name="EventId">The event.</param>
/// <param name="Status">The status; <c>missing</c> if the retrainer has no action yet.</param>
/// <param name="Detail">The detail.</param>
/// <param name="HeldBackBy">The limit that holds the action back; null if no limit does.</param>
/// <param name="HeldBackUntil">The end of the wait; null if unknown.</param>
/// <param name="StandsFor">The events that the action acts for, including its own event.</param>
internal sealed record StormAction(string Id, string EventId, string Status, string Detail, string? HeldBackBy, string? HeldBackUntil, IReadOnlyList<string> StandsFor)
{
    /// <summary>Reads the answer of the retrainer.</summary>
    public static StormAction Read(JsonObject action, string eventId)
    {
        string[] events = (string?)action["state"]?["standsFor"] is { Length: > 0 } ids ? ids.Split('\n') : [eventId];
        return new(
            (string?)action["id"] ?? "", eventId, (string?)action["status"] ?? "", (string?)action["detail"] ?? "", Text(action, "heldBackBy"), Text(action, "heldBackUntil"), events);
    }

    private static string? Text(JsonObject action, string name) => (string?)action["state"]?[name] is { Length: > 0 } text ? text : null;
}

/// <summary>The result of a storm: the trainings and the waiting actions, with the events that each acts for.</summary>
/// <param name="events">The events.</param>
/// <param name="actions">The actions of the events.</param>
/// <param name="maxRunning">The largest number of trainings in progress at the same time, according to the simulator.</param>
internal sealed class StormResult(IReadOnlyList<string> events, IReadOnlyList<StormAction> actions, int maxRunning)
{
    private const int AllowedRuns = 3;
    private const string Coalesced = "coalesced into action ";

    /// <summary>The number of events.</summary>
    public int Events => events.Count;

    /// <summary>The trainings.</summary>
    public IReadOnlyList<StormAction> Runs { get; } = [.. actions.Where(action => action.Status is "running" or "succeeded" or "failed")];

    /// <summary>The waiting actions, with the limit that holds them back.</summary>
    public IReadOnlyList<StormAction> Waiting { get; } = [.. actions.Where(action => action.Status is "waiting")];

    /// <summary>The number of events whose action was coalesced into another action.</summary>
    public int CoalescedEvents { get; } = actions.Count(action => action.Status is "skipped" && action.Detail.StartsWith(Coalesced, StringComparison.Ordinal));

    /// <summary>The number of further events for which the trainings and the waiting actions act, according to their records. An action's own event is not counted.</summary>
    [JsonIgnore]
    public int RepresentedEvents => Runs.Concat(Waiting).Sum(action => action.StandsFor.Count(id => id != action.EventId));

    /// <summary>The largest number of trainings in progress at the same time.</summary>
    public int MaxRunning => maxRunning;

    /// <summary>The events for which no training and no waiting action acts, or more than one.</summary>
    public IReadOnlyList<string> Unaccounted
    {
        get
        {
            var times = Runs.Concat(Waiting).SelectMany(action => action.StandsFor).CountBy(id => id).ToDictionary();
            return [.. events.Where(id => times.GetValueOrDefault(id) != 1)];
        }
    }

    /// <summary>
    /// The number of trainings that the rules request. If an action waits for the budget, this is the number that the budget allows. If no action waits, the trainings acted
    /// for all events, and their number depends on how many events arrived during each training.
    /// </summary>
    [JsonIgnore]
    public int ExpectedRuns => Waiting.Count > 0 ? AllowedRuns : Math.Clamp(Runs.Count, 1, AllowedRuns);

    /// <summary>
    /// Whether the trainings have ended, all waiting actions wait for the budget, all other actions are coalesced, and exactly one action acts for each event.
    /// A superseded action counts as waiting until its record is changed, a moment after another action superseded it.
    /// </summary>
    [JsonIgnore]
    public bool IsSettled => Runs.Count >= ExpectedRuns && Runs.All(run => run.Status is "succeeded" or "failed") && Runs.Count + Waiting.Count + CoalescedEvents == Events
        && Unaccounted.Count == 0 && Waiting.All(action => action.HeldBackBy?.StartsWith("budget", StringComparison.Ordinal) == true);

    /// <summary>The conditions that are not met, for people; empty if all are met.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Missing =>
    [
        .. Expect(Runs.Count(run => run.Status == "succeeded") == ExpectedRuns, $"exactly {ExpectedRuns} trainings that succeeded ({Runs.Count(run => run.Status == "succeeded")} of {Runs.Count} succeeded)"),
        .. Expect(maxRunning == 1, $"one training at a time (up to {maxRunning} ran at the same time)"),
        .. Expect(Unaccounted.Count == 0, $"exactly one action for every event ({Unaccounted.Count} have none or several)"),
        .. Expect(IsSettled, "all trainings ended, and all other actions coalesced or waiting for the budget"),
    ];

    /// <summary>The lines of the result, for people.</summary>
    [JsonIgnore]
    public IEnumerable<string> Lines => Runs.Concat(Waiting)
        .Select(action => string.Create(CultureInfo.InvariantCulture, $"{action.Status,-10} action {action.Id} stands for {action.StandsFor.Count,3} events{(action.HeldBackBy is null ? "" : $"; {action.Detail}")}"))
        .Append(string.Create(CultureInfo.InvariantCulture, $"{"coalesced",-10} {CoalescedEvents} events; at most {maxRunning} training at a time; {Unaccounted.Count} of {Events} events unaccounted for"));

    private static IEnumerable<string> Expect(bool holds, string what) => holds ? [] : [what];
}
