using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>The app's answer to the request of a bulk subscription: <c>{"statuses":[{"entryId":"…","status":"SUCCESS"}]}</c>.</summary>
internal sealed record BulkAnswer(IReadOnlyList<BulkAnswer.EntryStatus?>? Statuses)
{
    /// <summary>
    /// Settles the entries that the app handled or dropped. An entry with the status <c>RETRY</c> stays undecided, and so does an entry that is missing or has an empty or
    /// unknown status. If the body cannot be read, all entries stay undecided.
    /// </summary>
    public static void Apply(ReadOnlyMemory<byte> body, IReadOnlyList<BulkEntry> entries)
    {
        var byId = entries.ToDictionary(entry => entry.Id);
        foreach (var answered in Read(body)?.Statuses ?? [])
        {
            if (answered is { EntryId: { } id, Status: { } status } && byId.TryGetValue(id, out var entry) && entry.Leased.IsUndecided && Settlement(status) is { } settlement)
            {
                entry.Leased.Settle(settlement);
            }
        }
    }

    // As in daprd, data after the JSON object is ignored.
    private static BulkAnswer? Read(ReadOnlyMemory<byte> body)
    {
        using var json = GoJson.TryParseFirst(body);
        try
        {
            return json?.RootElement.Deserialize(BulkAnswerJson.Default.BulkAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Settlement? Settlement(string status) => status switch
    {
        "SUCCESS" => PubSub.Broker.Settlement.Done,
        "DROP" => PubSub.Broker.Settlement.DeadLetter,
        _ => null,
    };

    /// <summary>The status of one entry.</summary>
    /// <param name="EntryId">Id of the entry in the request.</param>
    /// <param name="Status">SUCCESS, RETRY or DROP.</param>
    internal sealed record EntryStatus(string? EntryId, string? Status);
}

/// <summary>JSON of the answer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BulkAnswer))]
internal sealed partial class BulkAnswerJson : JsonSerializerContext;
