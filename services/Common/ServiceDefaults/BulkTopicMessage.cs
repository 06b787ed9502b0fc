using System.Text.Json;

namespace MLEvents.ServiceDefaults;

/// <summary>Reads the body that Dapr posts to a topic's route: one message, or several for a bulk subscription.</summary>
/// <seealso href="https://docs.dapr.io/developing-applications/building-blocks/pubsub/pubsub-bulk/"/>
internal static class BulkTopicMessage
{
    /// <summary>The entries of a bulk message; null if the body is a single message.</summary>
    public static IReadOnlyList<TopicEntry>? FindEntries(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && !body.TryGetProperty("specversion", out _) && body.TryGetProperty("entries", out var entries) && entries.ValueKind == JsonValueKind.Array
            ? [.. entries.EnumerateArray().Select(ReadEntry)]
            : null;

    private static TopicEntry ReadEntry(JsonElement entry) => new(
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("entryId", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() ?? "" : "",
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("event", out var message) ? message : default);
}

/// <summary>One message of a bulk message.</summary>
/// <param name="Id">The id of the entry in the answer; unique in its bulk message.</param>
/// <param name="Message">The CloudEvents envelope.</param>
internal readonly record struct TopicEntry(string Id, JsonElement Message);
