namespace MLEvents.Rules.Rollouts;

/// <summary>A sample request and what the new deployment must answer.</summary>
public sealed record SampleCheck
{
    /// <summary>The name for people: the file of the sample, or its place in the rule.</summary>
    public required string Name { get; init; }

    /// <summary>The body of the request, JSON.</summary>
    public required string Body { get; init; }

    /// <summary>How many times the request is sent, 1 to 100. Each answer must fit. Default 1.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>What the answer must be.</summary>
    public AnswerExpectation Expect { get; init; } = new();
}

/// <summary>What the answer to a sample request must be. All that is set must hold.</summary>
public sealed record AnswerExpectation
{
    /// <summary>The HTTP status, 100 to 599. Default 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The JSON schema, as JSON text, that the answer must fit; null for none.</summary>
    public string? Schema { get; init; }

    /// <summary>The place of the value that is compared (see <see cref="Rollouts.JsonPath"/>); the answer must have it. Null compares none.</summary>
    public string? JsonPath { get; init; }

    /// <summary>The JSON text of what the value must equal; null for anything.</summary>
    public string? EqualTo { get; init; }

    /// <summary>The regular expression that the value's text must match; null for any.</summary>
    public string? Matches { get; init; }

    /// <summary>The bounds of the value; null for none.</summary>
    public NumberRange? Between { get; init; }

    /// <summary>The longest time to the answer; null for any.</summary>
    public TimeSpan? MaxLatency { get; init; }

    /// <summary>The percentile of the repetitions' times that <see cref="MaxLatency"/> bounds, 1 to 100. Default 100, the slowest.</summary>
    public int Percentile { get; init; } = 100;

    /// <summary>How far the value may be from that of the deployment in service for the same request; null does not compare.</summary>
    public double? MaxDifferenceToCurrent { get; init; }
}

/// <summary>Inclusive bounds of a number.</summary>
/// <param name="Least">The least number.</param>
/// <param name="Most">The largest number.</param>
public sealed record NumberRange(double Least, double Most);
