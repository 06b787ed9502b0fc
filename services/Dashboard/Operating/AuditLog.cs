using Microsoft.EntityFrameworkCore;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Operating;

/// <summary>Records the operations of users in the log and in the history.</summary>
internal sealed partial class AuditLog(HistoryDatabase database, TimeProvider time, ILogger<AuditLog> logger)
{
    /// <summary>The user of a request, with the address of the browser.</summary>
    public static string ActorOf(HttpContext context) => $"{context.User.Identity?.Name ?? "unknown"} from {context.Connection.RemoteIpAddress}";

    /// <summary>Records an operation before its result is known. Call <see cref="TryCompleteAsync"/> with the result afterwards.</summary>
    public async Task<AuditEntry> BeginAsync(string actor, string operation, string target, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry { At = time.GetUtcNow(), Actor = actor, Operation = operation, Target = target, Result = "requested" };
        await using var context = database.Open();
        var added = context.Audit.Add(entry);
        await context.SaveChangesAsync(cancellationToken);
        LogOperation(actor, operation, target);
        return added.Entity;
    }

    /// <summary>Finds the user's entry for a bulk run, so that the result can be added. Creates an entry if the user has none, because another user started the run.</summary>
    public async Task<AuditEntry> ContinueAsync(BulkRun run, HttpContext request, CancellationToken cancellationToken)
    {
        var (actor, target) = (ActorOf(request), $"bulk/{run.Id}");
        await using var context = database.Open();

        // Two requests at the same time can each create an entry. All later results are then added to the earliest one.
        var entry = await context.Audit
            .Where(stored => stored.Actor == actor && (stored.Id == run.AuditId || (stored.At >= run.At && stored.Target == target)))
            .OrderBy(stored => stored.Id)
            .FirstOrDefaultAsync(cancellationToken);
        return entry ?? await BeginAsync(actor, $"continuation of the {run.Operation} of {run.Actor}", target, cancellationToken);
    }

    /// <summary>Adds the result to an operation that was executed. If the database does not accept the result, the result is only in the log.</summary>
    public async Task TryCompleteAsync(AuditEntry entry, string result)
    {
        try
        {
            await using var context = database.Open();
            context.Audit.Update(entry with { Result = result });
            await context.SaveChangesAsync(CancellationToken.None);
            LogResult(entry.Actor, entry.Operation, entry.Target, result);
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            LogNotRecorded(exception, entry.Actor, entry.Operation, entry.Target, result);
        }
    }

    /// <summary>The reason why an operation that cannot be recorded was not executed, for the user.</summary>
    /// <param name="exception">An exception for which <see cref="IsUnavailable"/> returns true.</param>
    public static string DescribeOutage(Exception exception) => $"Nothing was done, because the history database does not accept writes: {exception.GetBaseException().Message}";

    /// <summary>Whether the database does not accept writes, or cannot be reached.</summary>
    public bool IsUnavailable(Exception exception)
    {
        using var context = database.Open();
        return exception is DbUpdateException || context.IsUnavailable(exception);
    }

    [LoggerMessage(3, LogLevel.Warning, "{Actor} requested {Operation} of {Target}: {Result}. The result could not be added to the audit")]
    private partial void LogNotRecorded(Exception exception, string actor, string operation, string target, string result);

    [LoggerMessage(1, LogLevel.Information, "{Actor} requested {Operation} of {Target}")]
    private partial void LogOperation(string actor, string operation, string target);

    [LoggerMessage(2, LogLevel.Information, "{Actor} requested {Operation} of {Target}: {Result}")]
    private partial void LogResult(string actor, string operation, string target, string result);
}
