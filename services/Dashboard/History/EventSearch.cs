namespace MLEvents.Dashboard.History;

/// <summary>A search for events. An event must meet every condition that is set.</summary>
internal sealed record EventSearch
{
    /// <summary>The full event type.</summary>
    public string? Type { get; init; }

    /// <summary>The workspace's name.</summary>
    public string? Workspace { get; init; }

    /// <summary>The whole subject, or a prefix followed by <c>*</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>The prefix in <see cref="Subject"/>; null if <see cref="Subject"/> is a whole subject or is not set.</summary>
    public string? SubjectPrefix => Subject is [.. var prefix, '*'] ? prefix : null;

    /// <summary>The model's name.</summary>
    public string? Model { get; init; }

    /// <summary>The earliest time of the event.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The end of the period: events at this time or later are not listed.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Words; each must occur in the id, the type, the subject or a value of the data.</summary>
    public string? Text { get; init; }

    /// <summary>A path in the data, for instance <c>data.runStatus</c>.</summary>
    public string? Path { get; init; }

    /// <summary>The value at <see cref="Path"/>: a string, or the JSON text of a number or boolean.</summary>
    public string? Value { get; init; }

    /// <summary>Only events with a lower sequence number (<c>Seq</c>), for the next page; null for the first page.</summary>
    public long? Before { get; init; }

    /// <summary>The largest number of events.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The terms that an event must have. They contain the words of a whole subject, so that the search can use the index of terms.</summary>
    public IReadOnlyList<string> Terms =>
        [.. SearchTerms.Words(Text ?? ""), .. Subject is { Length: > 0 } and not [.., '*'] ? SearchTerms.Words(Subject) : [], .. Path is { Length: > 0 } ? [SearchTerms.PathValue(Path, Value ?? "")] : Array.Empty<string>()];
}
