using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Records;

/// <summary>
/// Reads records of every version up to the newest one that this replica knows. A record or a plan of a newer version counts as leased by another process. This
/// replica then does not execute the action, and the action stays pending until a replica that knows the version continues it.
/// </summary>
internal sealed partial class RecordVersions(PlanVersion newestPlan, IOptions<LedgerOptions> options, TimeProvider time, ILogger<RecordVersions> logger)
{
    private const string NewerOwner = "a newer version of the service";

    /// <exception cref="JsonException">The JSON is no record.</exception>
    public ActionRecord Read(string id, JsonElement json, JsonSerializerOptions serializer)
    {
        if (FindNewer(json) is { } unknown)
        {
            LogNewer(id, unknown);
            return CreateUnknown(id, json, unknown);
        }

        return json.Deserialize((JsonTypeInfo<ActionRecord>)serializer.GetTypeInfo(typeof(ActionRecord))) ?? throw new JsonException("The record is null.");
    }

    private string? FindNewer(JsonElement json) =>
        NumberOf(json, "version") is > ActionRecord.NewestVersion and var version ? $"record of version {version}"
        : NumberOf(json, "planVersion") is { } plan && plan > newestPlan.Number ? $"plan of version {plan}"
        : null;

    private ActionRecord CreateUnknown(string id, JsonElement json, string unknown) => new()
    {
        Unknown = unknown,
        Id = id,
        Service = "",
        Rule = JsonText.Text(json, "rule") ?? "",
        CorrelationId = "",
        Event = default,
        Status = ActionStatus.Running,
        LeaseOwner = NewerOwner,
        LeaseUntil = time.GetUtcNow() + options.Value.PollInterval,
    };

    private static int? NumberOf(JsonElement json, string name) =>
        JsonText.TryMember(json, name, out var value) && value.ValueKind == JsonValueKind.Number ? value.TryGetInt32(out var number) ? number : int.MaxValue : null;

    [LoggerMessage(1, LogLevel.Warning, "Action {ActionId} has a {Unknown}, which this version of the service does not know; a newer replica continues it. Update all replicas to one version")]
    private partial void LogNewer(string actionId, string unknown);
}

/// <summary>The newest version of plans that the service can execute.</summary>
internal sealed record PlanVersion(int Number);
