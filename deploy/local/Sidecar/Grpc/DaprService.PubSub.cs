using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

using Grpc.Core;

using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Grpc;

/// <content>The pub/sub building block.</content>
internal sealed partial class DaprService
{
    private static void BindPubSub(DaprMethodTable methods)
    {
        methods.Unary<PublishEventRequest, Empty>("PublishEvent", (service, request, call) => service.PublishEventAsync(request, call));
        methods.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEvent", (service, request, call) => service.BulkPublishAsync(request, call));
        methods.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEventAlpha1", (service, request, call) => service.BulkPublishAsync(request, call));
    }

    private static TraceContext Trace(ServerCallContext call) => TraceContext.From(call.GetHttpContext().Request.Headers);

    private static EventToPublish Event(
        string pubSub, string topic, ByteString data, string contentType, IReadOnlyDictionary<string, string> metadata, ServerCallContext call) =>
        new(pubSub, topic, data.Memory, contentType, metadata, Trace(call));

    private async Task<Empty> PublishEventAsync(PublishEventRequest request, ServerCallContext call)
    {
        var component = FindPubSub(request.PubsubName, request.Topic);
        var published = Event(request.PubsubName, request.Topic, request.Data, request.DataContentType, request.Metadata.ToDictionary(), call);
        await publisher.PublishAsync(component, request.PubsubName, request.Topic, [published], call.CancellationToken);
        return new Empty();
    }

    private async Task<BulkPublishResponse> BulkPublishAsync(BulkPublishRequest request, ServerCallContext call)
    {
        var (name, topic) = (request.PubsubName, request.Topic);
        var component = FindPubSub(name, topic);
        var ids = new HashSet<string>();
        if (request.Entries.Any(entry => entry.EntryId.Length == 0 || !ids.Add(entry.EntryId)))
        {
            throw DaprErrors.BulkEntryId(name, topic, runtime.AppId).AsException();
        }

        var shared = request.Metadata.ToDictionary();
        var events = request.Entries.Select(entry => Event(name, topic, entry.Event, entry.ContentType, BulkRequest.Merge(shared, entry.Metadata), call));
        var response = new BulkPublishResponse();
        try
        {
            await publisher.PublishAsync(component, name, topic, [.. events], call.CancellationToken);
        }
        catch (DaprException exception) when (!exception.Error.IsPermanent)
        {
            response.FailedEntries.AddRange(ids.Select(id => new BulkPublishResponseFailedEntry { EntryId = id, Error = exception.Message }));
        }

        return response;
    }

    private IPubSub FindPubSub(string name, string topic)
    {
        if (name.Length == 0)
        {
            throw DaprErrors.PubSubNameEmpty.AsException();
        }

        return topic.Length == 0 ? throw DaprErrors.TopicEmpty(name).AsException() : publisher.Find(name, topic);
    }
}
