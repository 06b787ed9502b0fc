using System.Data.Common;

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
        await using var connection = database.Open();
        await HistoryInserts.Audit.ExecuteAsync(connection, [entry], row => entry = entry with { Id = row.GetInt64(0) }, cancellationToken);
        LogOperation(actor, operation, target);
        return entry;
    }

    /// <summary>Finds the user's entry for a bulk run, so that the result can be added. Creates an entry if the user has none, because another user started the run.</summary>
    public async Task<AuditEntry> ContinueAsync(BulkRun run, HttpContext request, CancellationToken cancellationToken)
    {
        var (actor, target) = (ActorOf(request), $"bulk/{run.Id}");
        await using var connection = database.Open();

        // Two requests at the same time can each create an entry. All later results are then added to the earliest one.
        // Ids begin at 1, so 0 stands for a run without an entry.
        var entries = await connection.ReadAuditAsync(
            $"""
             WHERE "Actor" = {actor} AND ("Id" = {run.AuditId ?? 0} OR ("At" >= {run.At} AND "Target" = {target}))
             ORDER BY "Id" LIMIT 1
             """,
            cancellationToken);
        return entries is [var entry] ? entry : await BeginAsync(actor, $"continuation of the {run.Operation} of {run.Actor}", target, cancellationToken);
    }

    /// <summary>Adds the result to an operation that was executed. If the database does not accept the result, the result is only in the log.</summary>
    public async Task TryCompleteAsync(AuditEntry entry, string result)
    {
        try
        {
            await using var connection = database.Open();
            if (await connection.ExecuteAsync($"""UPDATE "Audit" SET "Result" = {result} WHERE "Id" = {entry.Id}""", CancellationToken.None) == 1)
            {
                LogResult(entry.Actor, entry.Operation, entry.Target, result);
            }
            else
            {
                // The retention has deleted the entry.
                LogNotRecorded(exception: null, entry.Actor, entry.Operation, entry.Target, result);
            }
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            LogNotRecorded(exception, entry.Actor, entry.Operation, entry.Target, result);
        }
    }

    /// <summary>The reason why an operation that cannot be recorded was not executed, for the user.</summary>
    /// <param name="exception">An exception for which <see cref="IsUnavailable"/> returns true.</param>
    public static string DescribeOutage(Exception exception) => $"Nothing was done, because the history database does not accept writes: {exception.GetBaseException().Message}";

    /// <summary>
    /// Whether the database does not accept writes, or cannot be reached. Every error of the database counts, because an operation that cannot be recorded is not executed.
    /// </summary>
    public bool IsUnavailable(Exception exception) => exception is DbException || database.IsUnavailable(exception);

    [LoggerMessage(3, LogLevel.Warning, "{Actor} requested {Operation} of {Target}: {Result}. The result could not be added to the audit")]
    private partial void LogNotRecorded(Exception? exception, string actor, string operation, string target, string result);

    [LoggerMessage(1, LogLevel.Information, "{Actor} requested {Operation} of {Target}")]
    private partial void LogOperation(string actor, string operation, string target);

    [LoggerMessage(2, LogLevel.Information, "{Actor} requested {Operation} of {Target}: {Result}")]
    private partial void LogResult(string actor, string operation, string target, string result);
}
