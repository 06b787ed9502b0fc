namespace MLEvents.Dashboard.History;

/// <summary>Which events to list. Every condition that is set must hold.</summary>
internal sealed record EventSearch
{
    /// <summary>The full type, or the part after the last dot.</summary>
    public string? Type { get; init; }

    /// <summary>The workspace's name.</summary>
    public string? Workspace { get; init; }

    /// <summary>The whole subject, or its beginning before <c>*</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>The beginning of the subject; null for the whole subject, or for any.</summary>
    public string? SubjectPrefix => Subject is [.. var prefix, '*'] ? prefix : null;

    /// <summary>The model's name.</summary>
    public string? Model { get; init; }

    /// <summary>The earliest time of the event.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time that the event is before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Words that the id, type, subject or data contain.</summary>
    public string? Text { get; init; }

    /// <summary>A path in the data, for instance <c>data.runStatus</c>.</summary>
    public string? Path { get; init; }

    /// <summary>The value at the path.</summary>
    public string? Value { get; init; }

    /// <summary>Only events that arrived before this one; null for the latest.</summary>
    public long? Before { get; init; }

    /// <summary>The largest number of events.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The terms that an event must have. The words of a whole subject are among them, because no index holds subjects.</summary>
    public IReadOnlyList<string> Terms =>
        [.. SearchTerms.Words(Text ?? ""), .. Subject is { Length: > 0 } and not [.., '*'] ? SearchTerms.Words(Subject) : [], .. Path is { Length: > 0 } ? [SearchTerms.PathValue(Path, Value ?? "")] : Array.Empty<string>()];
}
