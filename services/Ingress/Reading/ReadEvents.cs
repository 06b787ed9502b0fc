namespace MLEvents.Ingress.Reading;

/// <summary>What a request held: the events that could be read, and the parts that could not.</summary>
/// <param name="Events">Events to publish, in the order given.</param>
/// <param name="Unreadable">Parts for the quarantine.</param>
internal sealed record ReadEvents(IReadOnlyList<PublishedEvent> Events, IReadOnlyList<UnreadablePart> Unreadable)
{
    public static ReadEvents Nothing { get; } = new([], []);
}

/// <summary>A part of a request that is no event.</summary>
/// <param name="Reason">What is wrong, and where.</param>
/// <param name="Raw">Its bytes as they came.</param>
internal sealed record UnreadablePart(string Reason, ReadOnlyMemory<byte> Raw);
