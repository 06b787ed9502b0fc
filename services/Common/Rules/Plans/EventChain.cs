using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>The events of one correlation chain that have been seen, in the order in which they happened, whatever the order in which they came.</summary>
public sealed record EventChain
{
    /// <summary>How many events a chain remembers: its newest.</summary>
    public const int Longest = 50;

    // Two of the same moment have an order too, so that a redelivery sees what the first delivery saw.
    private static readonly Comparer<ChainEvent> InTime = Comparer<ChainEvent>.Create((one, other) =>
        (one.Time ?? default).CompareTo(other.Time ?? default) is not 0 and var byTime ? byTime
        : string.CompareOrdinal(ArmId.Normalize(one.Source), ArmId.Normalize(other.Source)) is not 0 and var bySource ? bySource
        : string.CompareOrdinal(one.Id, other.Id));

    /// <summary>The events, the oldest first.</summary>
    public IReadOnlyList<ChainEvent> Events { get; init; } = [];

    /// <summary>The chain with an event.</summary>
    /// <returns>A new chain; null if the event is in this one, or is older than all that a full one remembers.</returns>
    public EventChain? With(ChainEvent chainEvent)
    {
        if (Events.Any(there => IsSame(there, chainEvent)))
        {
            return null;
        }

        ChainEvent[] events = [.. Events.Append(chainEvent).Order(InTime).TakeLast(Longest)];
        return events.Contains(chainEvent) ? new() { Events = events } : null;
    }

    /// <summary>The events that happened before another; before one that does not say when it happened, all.</summary>
    public IReadOnlyList<ChainEvent> Before(ChainEvent chainEvent) =>
        [.. Events.Where(there => !IsSame(there, chainEvent) && (chainEvent.Time is null || InTime.Compare(there, chainEvent) < 0))];

    private static bool IsSame(ChainEvent one, ChainEvent other) => one.Id == other.Id && ArmId.Normalize(one.Source) == ArmId.Normalize(other.Source);
}
