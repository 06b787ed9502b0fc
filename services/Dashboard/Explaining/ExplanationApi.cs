using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Dashboard.History;
using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Explaining;

/// <summary>The operators' route to the explanation of an event.</summary>
internal static class ExplanationApi
{
    public static void MapExplanations(this IEndpointRouteBuilder routes) => routes.MapOperations().MapGet("/api/events/{id}/explanation", ExplainAsync);

    // The parameter is an id or a key. Events from different sources may have the same id, but each event has its own key.
    private static async Task<Results<JsonHttpResult<EventExplanation>, ProblemHttpResult>> ExplainAsync(string id, HistoryQueries queries, EventExplainer explainer, CancellationToken cancellationToken) =>
        await queries.FindEventsByIdAsync(id, cancellationToken) switch
        {
            [] => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: $"The history has no event '{id}'.", detail: "It may be older than the retention, or it was not delivered yet."),
            [var stored] => TypedResults.Json(await explainer.ExplainAsync(stored, cancellationToken), DashboardJson.Deep.EventExplanation),
            var several => TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: $"Several events have the id '{id}'.", detail: $"Use one of the keys: {string.Join(", ", several.Select(stored => $"{stored.Key} ({stored.Source})"))}"),
        };
}
