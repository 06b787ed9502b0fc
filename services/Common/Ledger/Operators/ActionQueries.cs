namespace MLEvents.Ledger.Operators;

/// <summary>The query of a list of actions.</summary>
internal sealed record ActionQuery(string? Status, string? Rule, string? Correlation, string? Since, string? Until, string? Error, string? Limit, string? Continuation)
{
    /// <summary>The filter; null if a time cannot be read.</summary>
    public ActionFilter? ToFilter() => ActionFilter.TryReadTime(Since, out var since) && ActionFilter.TryReadTime(Until, out var until)
        ? new() { Status = Status, Rule = Rule, Correlation = Correlation, Since = since, Until = until, Error = Error }
        : null;
}

/// <summary>The query of a retry.</summary>
internal sealed record RetryQuery(string? Force, string? CurrentRules, int? Generation, string? Reason)
{
    /// <summary>The options of the retry.</summary>
    public RetryOptions ToOptions() => new(Force is "true", CurrentRules is "true", Generation);
}
