using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLEvents.ServiceDefaults;

/// <summary>The answer to a message.</summary>
/// <param name="Status">SUCCESS, RETRY or DROP.</param>
internal sealed record TopicAnswer(string Status);

/// <summary>The answer to a bulk message. An entry without a status counts as failed.</summary>
/// <param name="Statuses">The status of each entry.</param>
internal sealed record BulkTopicAnswer(IReadOnlyList<EntryStatus> Statuses);

/// <summary>The answer to an entry of a bulk message.</summary>
/// <param name="EntryId">The entry's id.</param>
/// <param name="Status">SUCCESS, RETRY or DROP.</param>
internal sealed record EntryStatus(string EntryId, string Status);

/// <summary>The JSON contract of the answers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TopicAnswer))]
[JsonSerializable(typeof(BulkTopicAnswer))]
internal sealed partial class TopicAnswerJson : JsonSerializerContext;
