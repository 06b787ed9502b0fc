using Microsoft.AspNetCore.Http;

namespace MLEvents.Ledger.Operators;

/// <summary>The query of a list of actions.</summary>
internal sealed record ActionQuery(string? Status, string? Rule, string? Correlation, string? Since, string? Until, string? Error, string? Limit, string? Continuation)
{
    /// <summary>Reads the query of a request.</summary>
    public static ActionQuery Read(IQueryCollection query) =>
        new(query["status"], query["rule"], query["correlation"], query["since"], query["until"], query["error"], query["limit"], query["continuation"]);

    /// <summary>The filter; null if a time cannot be read.</summary>
    public ActionFilter? ToFilter() => ActionFilter.TryReadTime(Since, out var since) && ActionFilter.TryReadTime(Until, out var until)
        ? new() { Status = Status, Rule = Rule, Correlation = Correlation, Since = since, Until = until, Error = Error }
        : null;
}
