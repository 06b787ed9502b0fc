namespace MLEvents.Dashboard.History;

/// <summary>Records that a version of a service's rules came into force.</summary>
internal sealed record RuleLoad
{
    /// <summary>The id of the activity event.</summary>
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Version { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>A file of a version of rules.</summary>
internal sealed record StoredRuleFile
{
    public required string Service { get; init; }

    public required string Version { get; init; }

    /// <summary>The path relative to the rules folder, with <c>/</c> as separator.</summary>
    public required string Path { get; init; }

    public required string Content { get; init; }
}
