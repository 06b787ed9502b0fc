namespace MLEvents.Ledger;

/// <summary>What a step of an action came to. What next is a value, never an exception.</summary>
public abstract record StepResult
{
    /// <summary>The result, the reason or the error, for people; null keeps what the record says.</summary>
    public string? Detail { get; init; }

    /// <summary>Links to add to the record's.</summary>
    public IReadOnlyDictionary<string, Uri> Links { get; init; } = new Dictionary<string, Uri>();

    /// <summary>State to add to the record's.</summary>
    public IReadOnlyDictionary<string, string> State { get; init; } = new Dictionary<string, string>();
}

/// <summary>The action is done.</summary>
public sealed record Succeeded : StepResult;

/// <summary>The action is not to be done.</summary>
public sealed record Skipped : StepResult;

/// <summary>The action can't succeed, however often it is tried.</summary>
public sealed record Failed : StepResult;

/// <summary>A step is taken and there is more to do.</summary>
/// <param name="Stage">The stage that is reached.</param>
/// <param name="After">How long to wait before the next step; zero goes on at once.</param>
public sealed record Continue(string Stage, TimeSpan After) : StepResult;

/// <summary>The step did not succeed and may later: the next attempt follows after the ledger's back-off.</summary>
/// <param name="After">The shortest wait, for instance a Retry-After; null leaves it to the back-off.</param>
public sealed record Retry(TimeSpan? After = null) : StepResult;
