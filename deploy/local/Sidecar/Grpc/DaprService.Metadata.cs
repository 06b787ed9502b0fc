using Dapr.Client.Autogen.Grpc.v1;

using Google.Protobuf.WellKnownTypes;

using MLEvents.Local.Sidecar.Api;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;

namespace MLEvents.Local.Sidecar.Grpc;

/// <content>The sidecar's metadata.</content>
internal sealed partial class DaprService
{
    private static void BindMetadata(DaprMethodTable methods)
    {
        methods.Unary<GetMetadataRequest, GetMetadataResponse>("GetMetadata", (service, _, _) => Task.FromResult(service.GetMetadata()));
        methods.Unary<SetMetadataRequest, Empty>("SetMetadata", (service, request, _) => Task.FromResult(service.SetMetadata(request)));
    }

    private static RegisteredComponents Component(LoadedComponent loaded)
    {
        var component = new RegisteredComponents { Name = loaded.Spec.Name, Type = loaded.Spec.Type, Version = loaded.Spec.Version };
        component.Capabilities.AddRange(loaded.Component.Capabilities);
        return component;
    }

    private static PubsubSubscription Subscription(TopicSubscription subscription)
    {
        var rules = new PubsubSubscriptionRules();
        rules.Rules.Add(new PubsubSubscriptionRule { Path = subscription.Route });
        var message = new PubsubSubscription
        {
            PubsubName = subscription.PubSub,
            Topic = subscription.Topic,
            DeadLetterTopic = subscription.DeadLetterTopic,
            Rules = rules,
            Type = subscription.IsDeclarative ? PubsubSubscriptionType.Declarative : PubsubSubscriptionType.Programmatic,
        };
        message.Metadata.Add(subscription.Metadata.ToDictionary());
        return message;
    }

    private GetMetadataResponse GetMetadata()
    {
        var options = runtime.Options;
        var response = new GetMetadataResponse
        {
            Id = options.AppId,
            RuntimeVersion = SidecarMetadata.Version,
            AppConnectionProperties = new AppConnectionProperties { Port = options.AppPort ?? 0, Protocol = "http", ChannelAddress = options.AppChannelAddress },
            ActorRuntime = new Dapr.Client.Autogen.Grpc.v1.ActorRuntime
            {
                RuntimeStatus = Dapr.Client.Autogen.Grpc.v1.ActorRuntime.Types.ActorRuntimeStatus.Disabled,
                Placement = SidecarMetadata.Placement,
            },
            Workflows = new MetadataWorkflows(),
        };
        response.RegisteredComponents.AddRange(runtime.Components.All.Select(Component));
        response.Subscriptions.AddRange(metadata.Subscriptions.Select(Subscription));
        response.ExtendedMetadata.Add(metadata.Extended);
        return response;
    }

    private Empty SetMetadata(SetMetadataRequest request)
    {
        metadata.Set(request.Key, request.Value);
        return new Empty();
    }
}
