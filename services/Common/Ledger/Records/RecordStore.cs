using System.Text.Json;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ledger.Records;

/// <summary>Reads and writes records. Every write is conditional: of two concurrent writers one succeeds and the other gets a conflict.</summary>
internal sealed class RecordStore(DaprClient dapr, IOptions<LedgerOptions> options, RecordVersions versions, TimeProvider time)
{
    private static readonly JsonElement Null = JsonElement.Parse("null");

    public async Task<Stored?> FindAsync(string id, CancellationToken cancellationToken) =>
        await DocumentOf(id).FindAsync(cancellationToken) is { } entry ? new Stored(entry.Value, entry.ETag) : null;

    /// <summary>Writes a record that does not exist yet.</summary>
    /// <returns>Null if this writer created it, else the record that exists.</returns>
    public async Task<Stored?> CreateAsync(ActionRecord record, CancellationToken cancellationToken) =>
        await DocumentOf(record.Id).CreateAsync(Stamp(record), TimeToLive.Unset, cancellationToken) is { } entry ? new Stored(entry.Value, entry.ETag) : null;

    /// <summary>Writes a record that does not exist yet.</summary>
    /// <returns>Whether this writer created it.</returns>
    public Task<bool> TryCreateAsync(ActionRecord record, CancellationToken cancellationToken) =>
        DocumentOf(record.Id).TryCreateAsync(Stamp(record), existing => existing.LeaseOwner == record.LeaseOwner, TimeToLive.Unset, cancellationToken);

    /// <summary>Writes a record in place of the one that was read.</summary>
    /// <returns>False if another writer changed it since it was read.</returns>
    /// <exception cref="InvalidOperationException">A newer version of the service wrote the record; this version would destroy parts of it.</exception>
    public Task<bool> TryUpdateAsync(Stored stored, ActionRecord next, CancellationToken cancellationToken) => stored.Record.Unknown is { } unknown
        ? throw new InvalidOperationException($"Action {next.Id} has a {unknown}, which this version of the service does not know.")
        : DocumentOf(next.Id).TryUpdateAsync(Stamp(next), stored.ETag, TimeToLiveOf(next), cancellationToken);

    /// <summary>Reads, changes and writes a record; repeats this after each lost race.</summary>
    /// <param name="id">The action's id.</param>
    /// <param name="change">Receives the stored record and returns the record to write, or null to write nothing. Called again after each lost race.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The record that was written; null if none was.</returns>
    public async Task<ActionRecord?> UpdateAsync(string id, Func<ActionRecord, ActionRecord?> change, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } stored && change(stored.Record) is { } next)
        {
            if (await TryUpdateAsync(stored, next, cancellationToken))
            {
                return next;
            }
        }

        return null;
    }

    private StateDocument<ActionRecord> DocumentOf(string id) =>
        new(dapr, options.Value.StateStore, $"action-{id}", json => versions.Read(id, json, StateClient.For(dapr).Json));

    private ActionRecord Stamp(ActionRecord record) => record with
    {
        UpdatedAt = time.GetUtcNow(),
        Plan = record.Plan.ValueKind == JsonValueKind.Undefined ? Null : record.Plan,
    };

    // The record of a restarted action still has the expiry that was set when the action first ended. TimeToLive.Forever removes this expiry.
    private TimeToLive TimeToLiveOf(ActionRecord record) =>
        record.IsFinished ? TimeToLive.After(options.Value.Retention)
        : record.Generation > 0 ? TimeToLive.Forever
        : TimeToLive.Unset;
}

/// <summary>A record as it was read.</summary>
internal sealed record Stored(ActionRecord Record, string ETag);
