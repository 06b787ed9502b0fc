using System.Text.Json;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>Reads records of every version so far. One of a newer version reads as held by another: it is left alone, and stays pending until a replica that knows it goes on with it.</summary>
internal sealed partial class RecordVersions(IOptions<LedgerOptions> options, TimeProvider time, ILogger<RecordVersions> logger)
{
    private const string NewerOwner = "a newer version of the service";

    /// <exception cref="Dapr.DaprException">It is no record; its cause is a <see cref="JsonException"/>.</exception>
    public ActionRecord Read(string id, JsonElement json, JsonSerializerOptions serializer)
    {
        if (VersionOf(json) is > ActionRecord.NewestVersion and var version)
        {
            LogNewer(id, version);
            return HeldByNewer(id, version, JsonText.Text(json, "rule") ?? "");
        }

        try
        {
            return json.Deserialize<ActionRecord>(serializer) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new Dapr.DaprException($"Record {id} can't be read: {exception.Message}", exception);
        }
    }

    private ActionRecord HeldByNewer(string id, int version, string rule) => new()
    {
        Version = version,
        Id = id,
        Service = "",
        Rule = rule,
        CorrelationId = "",
        Event = default,
        Status = ActionStatus.Running,
        LeaseOwner = NewerOwner,
        LeaseUntil = time.GetUtcNow() + options.Value.PollInterval,
    };

    private static int? VersionOf(JsonElement json) =>
        JsonText.TryMember(json, "version", out var version) && version.ValueKind == JsonValueKind.Number ? version.TryGetInt32(out var number) ? number : int.MaxValue : null;

    [LoggerMessage(1, LogLevel.Warning, "Record {ActionId} is of version {RecordVersion}, which this service does not know; it is left to a newer replica. Bring all replicas to one version")]
    private partial void LogNewer(string actionId, int recordVersion);
}
