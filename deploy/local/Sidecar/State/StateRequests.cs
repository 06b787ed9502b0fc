using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.State;

/// <summary>One element of a save request, or the request of one operation in a transaction.</summary>
/// <param name="Key">Key without prefix.</param>
/// <param name="Value">Any JSON; stored unchanged.</param>
/// <param name="ETag">Expected ETag; null or empty if the ETag is not checked.</param>
/// <param name="Metadata">Items such as <c>ttlInSeconds</c>.</param>
/// <param name="Options">Concurrency and consistency.</param>
internal sealed record StateRequest(
    string? Key,
    JsonElement Value,
    [property: JsonPropertyName("etag")] string? ETag,
    IReadOnlyDictionary<string, string>? Metadata,
    StateRequestOptions? Options);

/// <summary>The options of a request.</summary>
/// <param name="Concurrency"><c>first-write</c> or <c>last-write</c>.</param>
/// <param name="Consistency"><c>strong</c> or <c>eventual</c>.</param>
internal sealed record StateRequestOptions(string? Concurrency, string? Consistency);

/// <summary>Body of <c>POST /v1.0/state/{store}/bulk</c>.</summary>
/// <param name="Keys">Keys without prefix.</param>
internal sealed record BulkGetRequest(IReadOnlyList<string?>? Keys);

/// <summary>Body of <c>POST /v1.0/state/{store}/transaction</c>.</summary>
/// <param name="Operations">The operations.</param>
internal sealed record TransactionRequest(IReadOnlyList<TransactionStep?>? Operations);

/// <summary>One operation of a transaction.</summary>
/// <param name="Operation"><c>upsert</c> or <c>delete</c>.</param>
/// <param name="Request">The key and the value.</param>
internal sealed record TransactionStep(string? Operation, StateRequest? Request);

/// <summary>One element of the answer to a bulk get.</summary>
/// <param name="Key">Key without prefix.</param>
/// <param name="Data">The value; absent if there is none.</param>
/// <param name="ETag">Version of the value.</param>
/// <param name="Metadata">The time when the value expires.</param>
/// <param name="Error">Reason why the value of an existing key cannot be returned.</param>
internal sealed record BulkGetItem(
    string Key,
    JsonElement? Data,
    [property: JsonPropertyName("etag")] string? ETag,
    IReadOnlyDictionary<string, string>? Metadata,
    string? Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = GoJson.MaxDepth)]
[JsonSerializable(typeof(List<StateRequest?>))]
[JsonSerializable(typeof(BulkGetRequest))]
[JsonSerializable(typeof(TransactionRequest))]
[JsonSerializable(typeof(IReadOnlyList<BulkGetItem>))]
internal sealed partial class StateJson : JsonSerializerContext;
