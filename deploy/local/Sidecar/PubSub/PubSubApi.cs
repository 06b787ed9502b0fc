using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.Requests;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>HTTP routes of the pub/sub building block.</summary>
internal static class PubSubApi
{
    private static readonly string[] Methods = [HttpMethods.Post, HttpMethods.Put];

    public static void MapPubSub(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v1.0/publish/{pubsub}/{**topic:minlength(1)}", Methods, PublishAsync);
        routes.MapMethods("/v1.0/publish/bulk/{pubsub}/{**topic:minlength(1)}", Methods, BulkPublishAsync);
        routes.MapMethods("/v1.0-alpha1/publish/bulk/{pubsub}/{**topic:minlength(1)}", Methods, BulkPublishAsync);
    }

    private static async Task<NoContent> PublishAsync(string pubsub, string topic, HttpRequest request, MessagePublisher publisher, CancellationToken cancellationToken)
    {
        var component = publisher.Find(pubsub, topic);
        var body = await ApiRequest.ReadAsync(request, cause => DaprErrors.PublishFailed(pubsub, topic, cause), cancellationToken);
        var trace = TraceContext.From(request.Headers);
        var published = new EventToPublish(pubsub, topic, body, request.ContentType ?? "", ApiRequest.Metadata(request), trace);
        await publisher.PublishAsync(component, pubsub, topic, [published], cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, JsonHttpResult<BulkFailure>>> BulkPublishAsync(
        string pubsub, string topic, HttpRequest request, SidecarOptions options, MessagePublisher publisher, CancellationToken cancellationToken)
    {
        var component = publisher.Find(pubsub, topic);
        var body = await ApiRequest.ReadAsync(request, cause => DaprErrors.PublishFailed(pubsub, topic, cause), cancellationToken);
        var bulk = new BulkRequest(pubsub, topic, options.AppId, ApiRequest.Metadata(request), TraceContext.From(request.Headers));
        var entries = bulk.Read(body);
        try
        {
            await publisher.PublishAsync(component, pubsub, topic, [.. entries.Select(entry => entry.Event)], cancellationToken);
            return TypedResults.NoContent();
        }
        catch (DaprException exception) when (!exception.Error.IsPermanent)
        {
            return TypedResults.Json(
                new BulkFailure([.. entries.Select(entry => new FailedEntry(entry.EntryId, exception.Message))], exception.Error.Code),
                BulkFailureJson.Default.BulkFailure,
                statusCode: StatusCodes.Status500InternalServerError);
        }
    }

}

internal sealed record BulkFailure(IReadOnlyList<FailedEntry> FailedEntries, string ErrorCode);

internal sealed record FailedEntry(string EntryId, string Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BulkFailure))]
internal sealed partial class BulkFailureJson : JsonSerializerContext;
