using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.Requests;
using MLEvents.Local.Sidecar.Runtime;

namespace MLEvents.Local.Sidecar.Bindings;

/// <summary>HTTP routes of the bindings building block.</summary>
internal static class BindingsApi
{
    private static readonly string[] Writing = [HttpMethods.Post, HttpMethods.Put];

    public static void MapBindings(this IEndpointRouteBuilder routes) => routes.MapMethods("/v1.0/bindings/{name}", Writing, InvokeAsync);

    private static async Task<Results<FileContentHttpResult, NoContent>> InvokeAsync(
        string name, HttpContext context, AppRuntime runtime, CancellationToken cancellationToken)
    {
        var request = await ReadAsync(context);
        var data = request.Data.ValueKind == JsonValueKind.Undefined ? [] : JsonMarshal.GetRawUtf8Value(request.Data).ToArray();
        var message = new BindingMessage(data, BindingsAccess.AddTrace(request.Metadata ?? new Dictionary<string, string>(), header => FindHeader(context.Request, header)));
        var response = await BindingsAccess.InvokeAsync(
            runtime, name, request.Operation ?? "", message, metadata => AddHeaders(context.Response, metadata), cancellationToken);
        return response is null ? TypedResults.NoContent() : TypedResults.Bytes(response.Data.ToArray(), "application/json");
    }

    private static async Task<BindingRequest> ReadAsync(HttpContext context)
    {
        try
        {
            var body = await ApiRequest.ReadAsync(context.Request, DaprErrors.MalformedRequest, context.RequestAborted);
            return JsonSerializer.Deserialize(body.Span, BindingJson.Default.BindingRequest) ?? new(default, null, null);
        }
        catch (JsonException exception)
        {
            throw DaprErrors.MalformedRequest($"failed deserializing HTTP body: {JsonProblem.Describe(exception)}").AsException(exception);
        }
    }

    private static string? FindHeader(HttpRequest request, string name) => request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    private static void AddHeaders(HttpResponse response, IReadOnlyDictionary<string, string> metadata)
    {
        // The operation has already run. If an invalid header name made the call fail, the caller would run the operation again.
        foreach (var (name, value) in metadata.Where(item => MetadataHeaders.IsName(item.Key)))
        {
            response.Headers["metadata." + name] = MetadataHeaders.OneLine(value);
        }
    }
}

/// <summary>Body of <c>POST /v1.0/bindings/{name}</c>.</summary>
/// <param name="Data">Any JSON; the binding gets it unchanged.</param>
/// <param name="Operation">Name of the operation.</param>
/// <param name="Metadata">Settings of this call.</param>
internal sealed record BindingRequest(JsonElement Data, string? Operation, IReadOnlyDictionary<string, string>? Metadata);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = GoJson.MaxEnvelopeDepth)]
[JsonSerializable(typeof(BindingRequest))]
internal sealed partial class BindingJson : JsonSerializerContext;
