namespace MLEvents.Ledger.Operators;

/// <summary>The query of a retry.</summary>
internal sealed record RetryQuery(string? Force, string? CurrentRules, int? Generation, string? Reason)
{
    /// <summary>The options of the retry.</summary>
    public RetryOptions ToOptions() => new(Force is "true", CurrentRules is "true", Generation);
}
