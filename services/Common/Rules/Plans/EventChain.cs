using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>The known events of a correlation chain, ordered by the time when they happened, not by their arrival.</summary>
/// <remarks>The generated JSON code sets a member to null if the stored JSON does not contain it. A member with another default therefore replaces null by its default.</remarks>
public sealed record EventChain
{
    /// <summary>The largest number of events of a chain. The newest are kept.</summary>
    public const int MaxEvents = 50;

    // Events with the same time are ordered too, so that a redelivery gets the same result as the first delivery.
    private static readonly Comparer<ChainEvent> InTime = Comparer<ChainEvent>.Create((one, other) =>
        (one.Time ?? default).CompareTo(other.Time ?? default) is not 0 and var byTime ? byTime
        : string.CompareOrdinal(ArmId.Normalize(one.Source), ArmId.Normalize(other.Source)) is not 0 and var bySource ? bySource
        : string.CompareOrdinal(one.Id, other.Id));

    /// <summary>The events, the oldest first.</summary>
    public IReadOnlyList<ChainEvent> Events { get; init => field = value ?? []; } = [];

    /// <summary>The chain with an event.</summary>
    /// <returns>A new chain; null if the chain already contains the event, or is full and all its events are newer.</returns>
    public EventChain? With(ChainEvent chainEvent)
    {
        if (Events.Any(stored => IsSame(stored, chainEvent)))
        {
            return null;
        }

        ChainEvent[] events = [.. Events.Append(chainEvent).Order(InTime).TakeLast(MaxEvents)];
        return events.Contains(chainEvent) ? new() { Events = events } : null;
    }

    /// <summary>The events that happened before a given event; all other events if the time of the given event is unknown.</summary>
    public IReadOnlyList<ChainEvent> Before(ChainEvent chainEvent) =>
        [.. Events.Where(stored => !IsSame(stored, chainEvent) && (chainEvent.Time is null || InTime.Compare(stored, chainEvent) < 0))];

    private static bool IsSame(ChainEvent one, ChainEvent other) => one.Id == other.Id && ArmId.Normalize(one.Source) == ArmId.Normalize(other.Source);
}
