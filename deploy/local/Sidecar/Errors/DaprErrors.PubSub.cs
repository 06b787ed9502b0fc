using Grpc.Core;

namespace MLEvents.Local.Sidecar.Errors;

/// <content>Errors of the pub/sub API.</content>
public static partial class DaprErrors
{
    /// <summary>The component does not exist, or its scopes do not contain the app.</summary>
    public static DaprError PubSubNotFound(string pubSub) =>
        new("ERR_PUBSUB_NOT_FOUND", 404, StatusCode.InvalidArgument, $"pubsub {pubSub} is not found") { Reason = "DAPR_PUBSUB_NOT_FOUND" };

    /// <summary>A gRPC request has no component name.</summary>
    public static DaprError PubSubNameEmpty { get; } =
        new("ERR_PUBSUB_EMPTY", 404, StatusCode.InvalidArgument, "pubsub name is empty") { Reason = "DAPR_PUBSUB_NAME_EMPTY", Resource = ("pubsub", "") };

    /// <summary>A gRPC request has no topic.</summary>
    public static DaprError TopicEmpty(string pubSub) =>
        new("ERR_TOPIC_NAME_EMPTY", 404, StatusCode.InvalidArgument, $"topic is empty in pubsub {pubSub}")
        {
            Reason = "DAPR_PUBSUB_TOPIC_NAME_EMPTY",
            Resource = ("pubsub", pubSub),
        };

    /// <summary>The component's metadata does not allow the app to use the topic.</summary>
    public static DaprError TopicForbidden(string pubSub, string topic, string appId)
    {
        var message = $"topic {topic} is not allowed for app id {appId}";
        return new("ERR_PUBSUB_FORBIDDEN", 403, StatusCode.PermissionDenied, message)
        {
            Reason = "DAPR_PUBSUB_FORBIDDEN",
            Resource = ("pubsub", pubSub),
            Info = new Dictionary<string, string> { ["error"] = message, ["topic"] = topic },
        };
    }

    /// <summary>The content type of a body is CloudEvents, but the body is not a CloudEvent.</summary>
    public static DaprError CloudEventCreation(string pubSub, string appId, string cause) =>
        new("ERR_PUBSUB_CLOUD_EVENTS_SER", 500, StatusCode.InvalidArgument, "cannot create cloudevent")
        {
            Reason = "DAPR_PUBSUB_CLOUD_EVENT_CREATION",
            Resource = ("pubsub", pubSub),
            Info = new Dictionary<string, string> { ["appID"] = appId, ["error"] = cause },
            IsPermanent = true,
        };

    /// <summary>The entries of a bulk request cannot be read.</summary>
    public static DaprError BulkUnmarshal(string pubSub, string topic, string appId, string cause) =>
        Bulk(pubSub, appId, $"error when unmarshaling the request for topic {topic} pubsub {pubSub}: {cause}", cause, "DAPR_PUBSUB_UNMARSHAL_EVENTS");

    /// <summary>Entry ids of a bulk request are repeated or missing.</summary>
    public static DaprError BulkEntryId(string pubSub, string topic, string appId)
    {
        const string Cause = "entryId is duplicated or not present for entry";
        return Bulk(pubSub, appId, $"error marshaling events to bytes for topic {topic} pubsub {pubSub}. error: {Cause}", Cause, "DAPR_PUBSUB_MARSHAL_EVENTS");
    }

    /// <summary>The event of a bulk entry does not fit its content type.</summary>
    public static DaprError BulkContentType(string pubSub, string topic, string appId)
    {
        const string Cause = "error: mismatch between contentType and event";
        return Bulk(pubSub, appId, $"error when marshalling cloud event envelope for topic {topic} pubsub {pubSub}: {Cause}", Cause, "DAPR_PUBSUB_MARSHAL_ENVELOPE");
    }

    /// <summary>The broker did not store the message.</summary>
    public static DaprError PublishFailed(string pubSub, string topic, string cause) =>
        new("ERR_PUBSUB_PUBLISH_MESSAGE", 500, StatusCode.Internal, $"error when publishing to topic {topic} in pubsub {pubSub}: {cause}")
        {
            Reason = "DAPR_PUBSUB_PUBLISH_MESSAGE",
            Resource = ("pubsub", pubSub),
            Info = new Dictionary<string, string> { ["error"] = cause, ["topic"] = topic },
        };

    private static DaprError Bulk(string pubSub, string appId, string message, string cause, string reason) =>
        new("ERR_PUBSUB_EVENTS_SER", 400, StatusCode.InvalidArgument, message)
        {
            Reason = reason,
            Resource = ("pubsub", pubSub),
            Info = new Dictionary<string, string> { ["appID"] = appId, ["error"] = cause },
            IsPermanent = true,
        };
}
