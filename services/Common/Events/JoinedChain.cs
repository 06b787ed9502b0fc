namespace MLEvents.Events;

/// <summary>The chain of an event whose data does not name the chain: Azure ML copies no tags from a job to the models that the job registers.</summary>
/// <param name="CorrelationId">The correlation id; empty if the event is known to belong to no earlier chain.</param>
/// <param name="Path">The rules of the chain so far, in the form of <see cref="Lineage.Format"/>; empty if none are known.</param>
public sealed record JoinedChain(string CorrelationId, string Path)
{
    /// <summary>The chain of an event that is known to start its own.</summary>
    public static JoinedChain None { get; } = new("", "");

    /// <summary>Reads the chain from the tags of a job or model; null if they name none.</summary>
    public static JoinedChain? From(IReadOnlyDictionary<string, string> tags) =>
        tags.GetValueOrDefault(Correlation.Tag) is { Length: > 0 } id ? new(id, tags.GetValueOrDefault(Correlation.PathTag, "")) : null;
}
