namespace MLEvents.Rules.Rollouts;

/// <summary>A sample request and the expected answer of the new deployment.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
public sealed record SampleCheck
{
    /// <summary>The name for people: the file of the sample, or its position in the rule.</summary>
    public required string Name { get; init; }

    /// <summary>The body of the request, JSON.</summary>
    public required string Body { get; init; }

    /// <summary>How many times the request is sent, 1 to 100. Each answer must meet the expectation. Default 1.</summary>
    public int Repeat { get; init => field = value == 0 ? 1 : value; } = 1;

    /// <summary>The expected answer.</summary>
    public AnswerExpectation Expect { get; init => field = value ?? new(); } = new();
}

/// <summary>The expected answer to a sample request. Every condition that is set must hold.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
public sealed record AnswerExpectation
{
    /// <summary>The HTTP status, 100 to 599. Default 200.</summary>
    public int Status { get; init => field = value == 0 ? 200 : value; } = 200;

    /// <summary>The JSON schema, as JSON text, that the answer must match; null for none.</summary>
    public string? Schema { get; init; }

    /// <summary>The path of the value to compare (see <see cref="Rollouts.JsonPath"/>). The answer must contain a value at this path. Null for no comparison.</summary>
    public string? JsonPath { get; init; }

    /// <summary>The JSON text that the value must equal; null for any.</summary>
    public string? EqualTo { get; init; }

    /// <summary>The regular expression that the value's text must match; null for any.</summary>
    public string? Matches { get; init; }

    /// <summary>The bounds of the value; null for none.</summary>
    public NumberRange? Between { get; init; }

    /// <summary>The longest response time; null for any.</summary>
    public TimeSpan? MaxLatency { get; init; }

    /// <summary>The percentile of the response times of all repetitions that <see cref="MaxLatency"/> limits, 1 to 100. Default 100, the slowest.</summary>
    public int Percentile { get; init => field = value == 0 ? 100 : value; } = 100;

    /// <summary>How far the value may differ from the value of the deployment in service for the same request; null for no comparison.</summary>
    public double? MaxDifferenceToCurrent { get; init; }
}

/// <summary>Inclusive bounds of a number.</summary>
/// <param name="Least">The smallest number.</param>
/// <param name="Most">The largest number.</param>
public sealed record NumberRange(double Least, double Most);
