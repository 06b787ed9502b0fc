using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Site;

namespace MLEvents.Dashboard.Chains;

/// <summary>A chain on one time axis: a lane for the events, and a lane for the actions of each service.</summary>
/// <param name="CorrelationId">The id of the chain.</param>
/// <param name="Start">The earliest time.</param>
/// <param name="End">The latest time; the current time while an action is in progress.</param>
/// <param name="Lanes">The lanes from top to bottom.</param>
internal sealed record ChainTimeline(string CorrelationId, DateTimeOffset Start, DateTimeOffset End, IReadOnlyList<ChainLane> Lanes)
{
    /// <summary>Creates the timeline of a chain.</summary>
    public static ChainTimeline From(ChainHistory chain, DateTimeOffset now)
    {
        // An event is placed at the time of its arrival, because actions start after the arrival and the clock of a publisher may differ.
        var events = chain.Events.Select(stored => new ChainBar(EventText.ShortType(stored.Type), stored.Subject, "event", stored.ReceivedAt, stored.ReceivedAt, $"/events/{stored.Key}", [])).ToList();
        var lanes = chain.Actions
            .GroupBy(action => action.Service)
            .OrderBy(service => service.Min(action => action.StartedAt))
            .Select(service => new ChainLane(service.Key, [.. service.Select(action => Bar(action, chain.Changes, now))]))
            .Prepend(new ChainLane("events", events))
            .Where(lane => lane.Bars.Count > 0)
            .ToList();
        var bars = lanes.SelectMany(lane => lane.Bars).ToList();
        return new(chain.CorrelationId, bars.Select(bar => bar.Start).DefaultIfEmpty(now).Min(), bars.Select(bar => bar.End).DefaultIfEmpty(now).Max(), lanes);
    }

    private static ChainBar Bar(StoredAction action, IReadOnlyList<StoredChange> changes, DateTimeOffset now)
    {
        var end = action.IsFinished ? action.UpdatedAt : now;
        var steps = changes.Where(change => change.ActionId == action.Id).OrderBy(change => change.Time)
            .Select(change => new ChainStep(change.Stage.Length > 0 ? change.Stage : change.Status, change.Attempt, change.Time)).ToList();
        return new(action.Rule, action.Detail ?? "", action.Status, action.StartedAt, end < action.StartedAt ? action.StartedAt : end, $"/actions/{action.Id}", steps);
    }
}

/// <summary>A lane: the events, or the actions of one service.</summary>
internal sealed record ChainLane(string Name, IReadOnlyList<ChainBar> Bars);

/// <summary>A bar of a lane: an event or an action.</summary>
internal sealed record ChainBar(string Name, string Detail, string Status, DateTimeOffset Start, DateTimeOffset End, string Address, IReadOnlyList<ChainStep> Steps)
{
    public TimeSpan Duration => End - Start;
}

/// <summary>A step of a bar: a change of an action.</summary>
internal sealed record ChainStep(string Name, int Attempt, DateTimeOffset Time);
