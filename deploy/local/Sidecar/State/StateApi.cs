using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.Requests;
using MLEvents.Local.Sidecar.Runtime;

namespace MLEvents.Local.Sidecar.State;

/// <summary>HTTP routes of the state building block.</summary>
internal static class StateApi
{
    private const string MetadataPrefix = "metadata.";

    private static readonly string[] Writing = [HttpMethods.Post, HttpMethods.Put];

    public static void MapState(this IEndpointRouteBuilder routes)
    {
        var store = routes.MapGroup("/v1.0/state/{store}");
        store.MapMethods("", Writing, SaveAsync);
        store.MapGet("{key}", GetAsync);
        store.MapDelete("{key}", DeleteAsync);
        store.MapMethods("bulk", Writing, GetManyAsync);
        store.MapMethods("transaction", Writing, TransactAsync);
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", Writing, Query);
    }

    private static async Task<NoContent> SaveAsync(string store, HttpContext context, AppRuntime runtime, CancellationToken cancellationToken)
    {
        var state = StateAccess.To(runtime, store);
        var requests = await ReadAsync(context, StateJson.Default.ListStateRequest);
        var metadata = ApiRequest.Metadata(context.Request);
        await state.SaveAsync([.. requests.Select(request => Upsert(store, request ?? throw Missing("element"), metadata))], cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<FileContentHttpResult, NoContent>> GetAsync(
        string store, string key, HttpContext context, AppRuntime runtime, CancellationToken cancellationToken)
    {
        var item = await StateAccess.To(runtime, store).GetAsync(context.DecodedLastSegment(key), cancellationToken);
        if (item is null)
        {
            return TypedResults.NoContent();
        }

        context.Response.Headers.ETag = item.ETag;
        if (StateMetadata.Expiry(item) is { } expiry)
        {
            context.Response.Headers[MetadataPrefix + StateMetadata.ExpireTime] = expiry;
        }

        return TypedResults.Bytes(item.Value.ToArray(), "application/json");
    }

    private static async Task<NoContent> DeleteAsync(
        string store, string key, HttpContext context, AppRuntime runtime, CancellationToken cancellationToken)
    {
        var concurrency = StateMetadata.ReadConcurrency(store, context.Request.Query["concurrency"]);
        var delete = new StateDelete(context.DecodedLastSegment(key), NullIfEmpty(context.Request.Headers.IfMatch), concurrency);
        await StateAccess.To(runtime, store).DeleteAsync([delete], cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<ContentHttpResult> GetManyAsync(
        string store, HttpContext context, AppRuntime runtime, CancellationToken cancellationToken)
    {
        var state = StateAccess.To(runtime, store);
        var request = await ReadAsync(context, StateJson.Default.BulkGetRequest);
        var found = await state.GetManyAsync([.. (request.Keys ?? []).Select(key => key ?? "")], cancellationToken);
        IReadOnlyList<BulkGetItem> answer = [.. found.Select(pair => Answer(pair.Key, pair.Item))];
        return TypedResults.Text(JsonSerializer.Serialize(answer, StateJson.Default.IReadOnlyListBulkGetItem) + "\n", "application/json");
    }

    private static async Task<NoContent> TransactAsync(string store, HttpContext context, AppRuntime runtime, CancellationToken cancellationToken)
    {
        var state = StateAccess.To(runtime, store);
        var request = await ReadAsync(context, StateJson.Default.TransactionRequest);
        await state.TransactAsync([.. (request.Operations ?? []).Select(step => Operation(store, step))], cancellationToken);
        return TypedResults.NoContent();
    }

    private static NoContent Query(string store, AppRuntime runtime) => throw StateAccess.To(runtime, store).QueryNotSupported();

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        try
        {
            var body = await ApiRequest.ReadAsync(context.Request, DaprErrors.MalformedRequest, context.RequestAborted);
            return JsonSerializer.Deserialize(body.Span, type) ?? throw DaprErrors.MalformedRequest("the body is null").AsException();
        }
        catch (JsonException exception)
        {
            throw DaprErrors.MalformedRequest(JsonProblem.Describe(exception)).AsException(exception);
        }
    }

    private static StateOperation Operation(string store, TransactionStep? step)
    {
        var request = step?.Request ?? throw Missing("request");
        return step.Operation switch
        {
            "upsert" => Upsert(store, request, []),
            "delete" => new StateDelete(request.Key ?? "", NullIfEmpty(request.ETag), StateMetadata.ReadConcurrency(store, request.Options?.Concurrency)),
            var other => throw DaprErrors.StateOperationNotSupported(other ?? "").AsException(),
        };
    }

    private static DaprException Missing(string field) => DaprErrors.MalformedRequest($"\"{field}\" is a required field").AsException();

    private static StateUpsert Upsert(string store, StateRequest request, Dictionary<string, string> extra)
    {
        StateMetadata.CheckConsistency(store, request.Options?.Consistency);
        return new(
            request.Key ?? "",
            request.Value.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : JsonMarshal.GetRawUtf8Value(request.Value).ToArray(),
            NullIfEmpty(request.ETag),
            StateMetadata.ReadConcurrency(store, request.Options?.Concurrency),
            StateMetadata.ReadTimeToLive(store, extra) ?? StateMetadata.ReadTimeToLive(store, request.Metadata ?? extra));
    }

    private static BulkGetItem Answer(string key, StateItem? item)
    {
        if (item is null)
        {
            return new(key, null, null, null, null);
        }

        var metadata = StateMetadata.Expiry(item) is { } expiry ? new Dictionary<string, string> { [StateMetadata.ExpireTime] = expiry } : null;
        return AsJson(item.Value) is { } data
            ? new(key, data, item.ETag, metadata, null)
            : new(key, null, item.ETag, metadata, "the value is not JSON; read it over gRPC or by its own key");
    }

    private static JsonElement? AsJson(ReadOnlyMemory<byte> value)
    {
        var reader = new Utf8JsonReader(value.Span, new JsonReaderOptions { MaxDepth = GoJson.MaxDepth });
        try
        {
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            // The value was saved through gRPC and is not JSON. The caller reports this in the answer.
            return null;
        }
    }

    private static string? NullIfEmpty(string? text) => text is "" ? null : text;
}
