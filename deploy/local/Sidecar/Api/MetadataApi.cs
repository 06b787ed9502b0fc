using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;

namespace MLEvents.Local.Sidecar.Api;

/// <summary>HTTP routes of the sidecar's metadata.</summary>
internal static class MetadataApi
{
    public static void MapMetadata(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/metadata", (SidecarMetadata metadata) => TypedResults.Json(Answer(metadata), MetadataJson.Default.MetadataAnswer, "application/json"));
        routes.MapPut("/v1.0/metadata/{name}", SetAsync);
    }

    private static async Task<NoContent> SetAsync(string name, HttpRequest request, SidecarMetadata metadata, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        metadata.Set(name, await reader.ReadToEndAsync(cancellationToken));
        return TypedResults.NoContent();
    }

    private static MetadataAnswer Answer(SidecarMetadata metadata)
    {
        var options = metadata.Runtime.Options;
        var subscriptions = metadata.Subscriptions.Select(Subscription).ToList();
        return new MetadataAnswer(
            options.AppId,
            SidecarMetadata.Version,
            [.. metadata.Runtime.Components.All.Select(Component)],
            metadata.Extended,
            subscriptions.Count == 0 ? null : subscriptions,
            new MetadataAppConnection(options.AppPort, "http", options.AppChannelAddress, options.AppMaxConcurrency),
            new MetadataActorRuntime("DISABLED", HostReady: false, SidecarMetadata.Placement),
            new object());
    }

    private static MetadataComponent Component(LoadedComponent loaded) => new(
        loaded.Spec.Name, loaded.Spec.Type, loaded.Spec.Version, loaded.Component.Capabilities.Count == 0 ? null : loaded.Component.Capabilities);

    private static MetadataSubscription Subscription(TopicSubscription subscription) => new(
        subscription.PubSub,
        subscription.Topic,
        subscription.Metadata.Count == 0 ? null : subscription.Metadata,
        [new MetadataRule(subscription.Route)],
        subscription.DeadLetterTopic,
        subscription.IsDeclarative ? "DECLARATIVE" : "PROGRAMMATIC");
}

internal sealed record MetadataAnswer(
    string Id,
    string RuntimeVersion,
    IReadOnlyList<MetadataComponent> Components,
    IReadOnlyDictionary<string, string> Extended,
    IReadOnlyList<MetadataSubscription>? Subscriptions,
    MetadataAppConnection AppConnectionProperties,
    MetadataActorRuntime ActorRuntime,
    object Workflows);

internal sealed record MetadataComponent(string Name, string Type, string Version, IReadOnlyList<string>? Capabilities);

internal sealed record MetadataSubscription(
    [property: JsonPropertyName("pubsubname")] string PubSubName,
    string Topic,
    IReadOnlyDictionary<string, string>? Metadata,
    IReadOnlyList<MetadataRule> Rules,
    string DeadLetterTopic,
    string Type);

internal sealed record MetadataRule(string Path);

internal sealed record MetadataAppConnection(int? Port, string Protocol, string ChannelAddress, int? MaxConcurrency);

internal sealed record MetadataActorRuntime(string RuntimeStatus, bool HostReady, string Placement);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetadataAnswer))]
internal sealed partial class MetadataJson : JsonSerializerContext;
