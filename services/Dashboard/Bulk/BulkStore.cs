using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Stores bulk retries and cancellations, so that they can be continued after an interruption.</summary>
internal sealed class BulkStore(HistoryDatabase database, TimeProvider time)
{
    /// <summary>Stores a run with its actions.</summary>
    /// <param name="filter">The filter that the actions matched.</param>
    /// <param name="id">The id of the run.</param>
    /// <param name="entry">The entry of the run in the audit.</param>
    /// <param name="reason">The user's reason; null if no reason was given.</param>
    /// <param name="actions">The actions.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async Task<BulkRun> CreateAsync(BulkFilter filter, string id, AuditEntry entry, string? reason, IReadOnlyList<StoredAction> actions, CancellationToken cancellationToken)
    {
        var run = new BulkRun { Id = id, At = time.GetUtcNow(), Actor = entry.Actor, Operation = filter.Operation, Filter = filter.ToString(), Reason = reason, AuditId = entry.Id };
        await using var connection = database.Open();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await HistoryInserts.BulkRuns.ExecuteAsync(connection, [run], read: null, cancellationToken);
        await HistoryInserts.BulkItems.ExecuteAsync(
            connection,
            [.. actions.Select(action => new BulkItem { RunId = run.Id, ActionId = action.Id, Service = action.Service, Generation = action.Generation })],
            read: null,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return run;
    }

    /// <summary>Finds a run with its actions; null if it does not exist.</summary>
    public async Task<BulkProgress?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadBulkRunsAsync($"""WHERE "Id" = {id}""", cancellationToken) is [var run]
            ? new(run, await connection.ReadBulkItemsAsync($"""WHERE "RunId" = {id} ORDER BY "ActionId" """, cancellationToken))
            : null;
    }

    /// <summary>Stores the answer of a service. If two browsers continue the same run, the first answer is kept.</summary>
    public async Task CompleteAsync(BulkItem item, string result, bool isAccepted, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        await connection.ExecuteAsync(
            $"""UPDATE "BulkItems" SET "Result" = {result}, "IsAccepted" = {isAccepted} WHERE "RunId" = {item.RunId} AND "ActionId" = {item.ActionId} AND "Result" IS NULL""",
            cancellationToken);
    }
}

/// <summary>The progress of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Items">The actions of the run.</param>
internal sealed record BulkProgress(BulkRun Run, IReadOnlyList<BulkItem> Items)
{
    public int Done => Items.Count(item => item.Result is not null);

    public int Accepted => Items.Count(item => item.IsAccepted);

    public bool IsComplete => Done == Items.Count;

    /// <summary>Describes the progress for people.</summary>
    public string Describe() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Done} of {Items.Count} done: {Accepted} accepted, {Done - Accepted} refused.");
}
