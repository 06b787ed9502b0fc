using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.State;

/// <summary>One element of a save, and the operand of a transaction's step.</summary>
/// <param name="Key">Key without prefix.</param>
/// <param name="Value">Any JSON; stored as it is written.</param>
/// <param name="ETag">ETag that must still hold; empty for none.</param>
/// <param name="Metadata">Items such as <c>ttlInSeconds</c>.</param>
/// <param name="Options">Concurrency and consistency.</param>
internal sealed record StateRequest(
    string? Key,
    JsonElement Value,
    [property: JsonPropertyName("etag")] string? ETag,
    IReadOnlyDictionary<string, string>? Metadata,
    StateRequestOptions? Options);

/// <summary>The options of a request, as the words of the wire.</summary>
/// <param name="Concurrency"><c>first-write</c> or <c>last-write</c>.</param>
/// <param name="Consistency"><c>strong</c> or <c>eventual</c>.</param>
internal sealed record StateRequestOptions(string? Concurrency, string? Consistency);

/// <summary>Body of <c>POST /v1.0/state/{store}/bulk</c>.</summary>
/// <param name="Keys">Keys without prefix.</param>
internal sealed record BulkGetRequest(IReadOnlyList<string?>? Keys);

/// <summary>Body of <c>POST /v1.0/state/{store}/transaction</c>.</summary>
/// <param name="Operations">The steps.</param>
internal sealed record TransactionRequest(IReadOnlyList<TransactionStep?>? Operations);

/// <summary>One step of a transaction.</summary>
/// <param name="Operation"><c>upsert</c> or <c>delete</c>.</param>
/// <param name="Request">Its operand.</param>
internal sealed record TransactionStep(string? Operation, StateRequest? Request);

/// <summary>One element of the answer to a bulk get.</summary>
/// <param name="Key">Key without prefix.</param>
/// <param name="Data">The value; absent when there is none.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Metadata">When it expires.</param>
/// <param name="Error">Why there is no value although the key exists.</param>
internal sealed record BulkGetItem(
    string Key,
    JsonElement? Data,
    [property: JsonPropertyName("etag")] string? ETag,
    IReadOnlyDictionary<string, string>? Metadata,
    string? Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = GoJson.Deepest)]
[JsonSerializable(typeof(List<StateRequest?>))]
[JsonSerializable(typeof(BulkGetRequest))]
[JsonSerializable(typeof(TransactionRequest))]
[JsonSerializable(typeof(IReadOnlyList<BulkGetItem>))]
internal sealed partial class StateJson : JsonSerializerContext;
