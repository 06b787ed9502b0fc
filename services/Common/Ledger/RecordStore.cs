using System.Globalization;
using System.Text.Json;

using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Reads and writes records; every write is conditional, so that of two writers one wins and the other learns it.</summary>
internal sealed class RecordStore(DaprClient dapr, IOptions<LedgerOptions> options, RecordVersions versions, TimeProvider time)
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    public async Task<Stored?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var (json, etag) = await dapr.GetStateAndETagAsync<JsonElement?>(options.Value.StateStore, KeyOf(id), cancellationToken: cancellationToken);
        if (json is not { ValueKind: not JsonValueKind.Null } there)
        {
            return null;
        }

        var record = versions.Read(id, there, dapr.JsonSerializerOptions);
        return new Stored(record, etag);
    }

    /// <summary>Writes a record that is not there yet.</summary>
    /// <returns>Whether this writer won.</returns>
    public async Task<bool> TryCreateAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await dapr.SaveStateAsync(options.Value.StateStore, KeyOf(record.Id), Stamped(record), FirstWrite, cancellationToken: cancellationToken);
            return true;
        }
        catch (Dapr.DaprException)
        {
            // Stores answer a lost race with different codes (and an outage with some of the same), so only reading the key again tells.
            if (await FindAsync(record.Id, cancellationToken) is not { } there)
            {
                throw;
            }

            return there.Record.LeaseOwner == record.LeaseOwner;
        }
    }

    /// <summary>Writes a record in place of the one that was read.</summary>
    /// <returns>Whether nobody else wrote it in between.</returns>
    /// <exception cref="InvalidOperationException">It is of a newer version, and would be destroyed.</exception>
    public Task<bool> TryUpdateAsync(Stored read, ActionRecord next, CancellationToken cancellationToken) => read.Record.IsNewer
        ? throw new InvalidOperationException($"Record {next.Id} is of version {read.Record.Version}, which this service does not know.")
        : dapr.TrySaveStateAsync(options.Value.StateStore, KeyOf(next.Id), Stamped(next), read.ETag, FirstWrite, MetadataOf(next), cancellationToken);

    private static string KeyOf(string id) => $"action-{id}";

    private ActionRecord Stamped(ActionRecord record) => record with
    {
        UpdatedAt = time.GetUtcNow(),
        Plan = record.Plan.ValueKind == JsonValueKind.Undefined ? JsonSerializer.SerializeToElement<object?>(null) : record.Plan,
    };

    private Dictionary<string, string> MetadataOf(ActionRecord record) => record.IsFinished
        ? new() { ["ttlInSeconds"] = options.Value.Retention.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture) }
        : record.Generation > 0 ? new() { ["ttlInSeconds"] = "-1" } // it had come to its end before, and must not expire now
        : [];
}

/// <summary>A record as it was read.</summary>
internal sealed record Stored(ActionRecord Record, string ETag);
