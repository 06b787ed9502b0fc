using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Events;
using MLEvents.ServiceDefaults;
using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>The operators' routes to quarantined messages and dead letters, and to their replay.</summary>
internal static class DeadLettersApi
{
    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var operations = routes.MapOperations();
        foreach (var kind in (string[])[Topics.Quarantine, Topics.DeadLetters])
        {
            var group = operations.MapGroup($"/{kind}");
            group.MapGet("", (HttpContext context, string? limit, string? continuation, string? state) => ListAsync(StoreOf(context, kind), limit, continuation, state, context.RequestAborted));
            group.MapGet("/{id}", (HttpContext context, string id) => ShowAsync(StoreOf(context, kind), id, context.RequestAborted));
            group.MapPost("/{id}/replay", (HttpContext context, string id, string? force, string? reason) => ReplayAsync(context, kind, id, force, reason));
        }
    }

    private static DeadLetterStore StoreOf(HttpContext context, string kind) => context.RequestServices.GetRequiredKeyedService<DeadLetterStore>(kind);

    private static async Task<Results<Ok<StoredMessageList>, ProblemHttpResult>> ListAsync(DeadLetterStore store, string? limit, string? continuation, string? state, CancellationToken cancellationToken)
    {
        if (Paging.Read(limit) is not { } pageSize)
        {
            return Problem(StatusCodes.Status400BadRequest, $"'limit' must be a number from 1 to {Paging.Max}.");
        }

        if (state is not (null or StoredMessageView.Open or StoredMessageView.Replayed))
        {
            return Problem(StatusCodes.Status400BadRequest, $"'state' must be '{StoredMessageView.Open}' or '{StoredMessageView.Replayed}', or left out.");
        }

        try
        {
            var page = await store.ListAsync(pageSize, continuation, message => state is null || state == StoredMessageView.StateOf(message), cancellationToken);
            return TypedResults.Ok(new StoredMessageList([.. page.Items.Select(message => StoredMessageView.From(message))], page.Continuation));
        }
        catch (FormatException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, exception.Message);
        }
    }

    private static async Task<Results<Ok<StoredMessageView>, ProblemHttpResult>> ShowAsync(DeadLetterStore store, string id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is { } message
            ? TypedResults.Ok(StoredMessageView.From(message, await store.ReadBytesAsync(message, cancellationToken)))
            : MessageNotFound(id);

    private static async Task<Results<Ok<ReplayView>, ProblemHttpResult>> ReplayAsync(HttpContext context, string kind, string id, string? force, string? reason)
    {
        var (store, cancellationToken) = (StoreOf(context, kind), context.RequestAborted);
        if (force is not (null or "true" or "false"))
        {
            return Problem(StatusCodes.Status400BadRequest, "'force' must be true or false.");
        }

        if (Intervention.FindReasonFault(reason) is { } fault)
        {
            return Problem(StatusCodes.Status400BadRequest, fault);
        }

        if (await store.FindAsync(id, cancellationToken) is not { } message)
        {
            return MessageNotFound(id);
        }

        if (await store.ReadBytesAsync(message, cancellationToken) is not { } raw)
        {
            return Problem(StatusCodes.Status410Gone, "The bytes of the message are no longer stored.");
        }

        return await ReplayAsync(context, kind, message, raw, force is "true", reason);
    }

    private static async Task<Results<Ok<ReplayView>, ProblemHttpResult>> ReplayAsync(HttpContext context, string kind, StoredMessage message, byte[] raw, bool isForced, string? reason)
    {
        try
        {
            var replay = context.RequestServices.GetRequiredKeyedService<IReplay>(kind);
            var replayed = await replay.ReplayAsync(message, raw, isForced ? ForcedReplay.NewToken() : null, context.RequestAborted);
            if (replayed.Refusal is { } refusal)
            {
                return Problem(StatusCodes.Status422UnprocessableEntity, "The message cannot be replayed.", refusal);
            }

            // The replay is recorded after it has succeeded. After a crash in between, the message is still open.
            // The subscribers' ledgers ensure that a second replay without force repeats no action.
            var now = await StoreOf(context, kind).ReplayedAsync(message, Describe(context, isForced, reason), context.RequestAborted);
            return TypedResults.Ok(new ReplayView(message.Id, replayed.Published, now?.ReplayedAt));
        }
        catch (NotAllPublishedException exception) when (exception.IsTooLarge)
        {
            return Problem(StatusCodes.Status422UnprocessableEntity, "The message is larger than the Dapr sidecar or the broker accepts.", $"A repetition has the same result, unless the limit is raised: {Redaction.Bound(exception.Message)}");
        }
        catch (NotAllPublishedException exception)
        {
            return Problem(StatusCodes.Status503ServiceUnavailable, exception.Title, Redaction.Bound(exception.Message));
        }
    }

    private static Intervention Describe(HttpContext context, bool force, string? reason) => new(
        force ? "replay with force" : "replay",
        context.User.Identity?.Name ?? "unknown",
        Intervention.DescribeAddress(context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers["X-Forwarded-For"].FirstOrDefault()),
        string.IsNullOrWhiteSpace(reason) ? null : Redaction.Scrub(reason),
        context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());

    private static ProblemHttpResult MessageNotFound(string id) => Problem(StatusCodes.Status404NotFound, $"No stored message has the id '{id}'.");

    private static ProblemHttpResult Problem(int status, string title, string? detail = null) => TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
