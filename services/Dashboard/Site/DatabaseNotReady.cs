using Microsoft.AspNetCore.Authorization;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Site;

/// <summary>Answers 503 for pages until the history database is ready, because the pages need the database.</summary>
internal static class DatabaseNotReady
{
    private const string Explanation = "The history database is not ready. Events and actions are not affected. See /health for the reason, and reload the page later.";

    public static void UseDatabaseNotReady(this WebApplication app)
    {
        var database = app.Services.GetRequiredService<HistoryDatabase>();
        app.Use((context, next) =>
        {
            if (database.Ready.IsCompletedSuccessfully || context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null)
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "2";
            return context.Response.WriteAsync(Explanation, context.RequestAborted);
        });
    }
}
