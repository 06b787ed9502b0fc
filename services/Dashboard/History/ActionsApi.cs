using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.History;

/// <summary>The operators' route that lists the actions of all services, in the same form as the lists of the services.</summary>
internal static class ActionsApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void MapActionHistory(this IEndpointRouteBuilder routes) => routes.MapOperations().MapGet("/api/actions", ListAsync);

    private static async Task<Results<Ok<HistoryPage>, ProblemHttpResult>> ListAsync(HttpContext context, HistoryQueries queries, CancellationToken cancellationToken)
    {
        var query = ActionHistoryQuery.From(context.Request.Query);
        if (!TryReadLimit(query.Limit, out var limit))
        {
            return Problem($"'limit' must be a number from 1 to {MaxLimit}.");
        }

        if (query.Status is { } status && !ActionStatuses.All.Contains(status))
        {
            return Problem($"'status' must be one of {string.Join(", ", ActionStatuses.All)}, or left out.");
        }

        if (!TryReadTime(query.Since, out var since) || !TryReadTime(query.Until, out var until))
        {
            return Problem("'since' and 'until' must be times such as 2026-11-01T12:00:00Z.");
        }

        if (!TryReadContinuation(query.Continuation, out var after))
        {
            return Problem($"'{query.Continuation}' is not a continuation of this list.");
        }

        var found = await queries.ActionsAsync(query.ToSearch(since, until, after, limit), cancellationToken);
        return TypedResults.Ok(new HistoryPage([.. found.Select(HistoryAction.From)], found.Count < limit ? null : ContinuationAfter(found[^1])));
    }

    /// <summary>The text from which <see cref="TryReadContinuation"/> reads the last action of a page.</summary>
    public static string ContinuationAfter(StoredAction last) => string.Create(CultureInfo.InvariantCulture, $"{last.UpdatedAt.UtcTicks}.{last.Id}");

    /// <summary>Reads the last action of the previous page. The action is null if the text is null, as for the first page, or if the text is not a continuation.</summary>
    /// <returns>Whether the text is null or a continuation.</returns>
    public static bool TryReadContinuation(string? text, out (DateTimeOffset At, string Id)? after)
    {
        after = text?.Split('.', 2) is [var ticks, var id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? (new DateTimeOffset(at, TimeSpan.Zero), id)
            : null;
        return text is null || after is not null;
    }

    private static bool TryReadLimit(string? text, out int limit)
    {
        limit = DefaultLimit;
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= MaxLimit);
    }

    private static bool TryReadTime(string? text, out DateTimeOffset? time)
    {
        time = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read) ? read.ToUniversalTime() : null;
        return text is null || time is not null;
    }

    private static ProblemHttpResult Problem(string title) => TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: title);
}

/// <summary>The query of a list of actions.</summary>
internal sealed record ActionHistoryQuery(string? Status, string? Service, string? Rule, string? Correlation, string? Since, string? Until, string? Error, string? Limit, string? Continuation)
{
    public static ActionHistoryQuery From(IQueryCollection query) => new(
        query["status"], query["service"], query["rule"], query["correlation"], query["since"], query["until"], query["error"], query["limit"], query["continuation"]);

    public ActionSearch ToSearch(DateTimeOffset? since, DateTimeOffset? until, (DateTimeOffset, string)? after, int limit) => new()
    {
        Statuses = Status is null ? [] : [Status],
        Service = Service,
        Rule = Rule,
        Correlation = Correlation,
        Since = since,
        Before = until,
        Detail = Error,
        After = after,
        Limit = limit,
    };
}

/// <summary>A page of actions.</summary>
internal sealed record HistoryPage(IReadOnlyList<HistoryAction> Items, string? Continuation);

/// <summary>An action in the same form as in the lists of the services.</summary>
internal sealed record HistoryAction(
    string Id, string Service, string Rule, string RuleVersion, string Status, string Stage, int Attempt, int Generation, string CorrelationId, HistoryEventReference Event, string? Detail, JsonElement Links,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static HistoryAction From(StoredAction action) => new(
        action.Id, action.Service, action.Rule, action.RuleVersion, action.Status, action.Stage, action.Attempt, action.Generation, action.CorrelationId,
        new(action.EventId, action.EventType, action.EventSubject), action.Detail, JsonElement.Parse(action.Links), action.StartedAt, action.UpdatedAt);
}

/// <summary>The event that caused an action.</summary>
internal sealed record HistoryEventReference(string Id, string Type, string Subject);
