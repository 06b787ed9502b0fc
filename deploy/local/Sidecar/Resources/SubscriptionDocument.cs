using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;
using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Resources;

/// <summary>Reads a document of kind <c>Subscription</c>: v1alpha1 has <c>route</c>, v2alpha1 has <c>routes.default</c>.</summary>
internal static class SubscriptionDocument
{
    public static TopicSubscription Read(YamlMap document)
    {
        document.ResourceName();
        var spec = document.RequiredMap("spec");
        var route = document.RequiredText("apiVersion") switch
        {
            "dapr.io/v1alpha1" => spec.Only("pubsubname", "topic", "route", "deadLetterTopic", "metadata", "bulkSubscribe").RequiredText("route"),
            "dapr.io/v2alpha1" => DefaultRoute(spec.Only("pubsubname", "topic", "routes", "deadLetterTopic", "metadata", "bulkSubscribe")),
            var other => throw new ResourceException(
                document.SourceOf("apiVersion"), $"unknown version '{other}' of Subscription; expected one of: dapr.io/v1alpha1, dapr.io/v2alpha1"),
        };
        return new TopicSubscription(
            spec.RequiredText("pubsubname"), spec.RequiredText("topic"), route, spec.Text("deadLetterTopic") ?? "", spec.TextMap("metadata"), IsDeclarative: true, BatchSize(spec));
    }

    private static string DefaultRoute(YamlMap spec)
    {
        var routes = spec.RequiredMap("routes").Only("rules", "default");
        return routes.Maps("rules").FirstOrDefault() is { } rule
            ? throw new ResourceException(rule.Source, "the embedded sidecar does not support routing rules; route in the app, or use daprd")
            : routes.RequiredText("default");
    }

    private static int? BatchSize(YamlMap spec)
    {
        var bulk = spec.Map("bulkSubscribe")?.Only("enabled", "maxMessagesCount", "maxAwaitDurationMs");
        if (bulk?.Flag("enabled", otherwise: false) != true)
        {
            return null;
        }

        // The value is read only so that an invalid value is reported. A batch contains the messages that are available, and does not wait for more.
        bulk.Number("maxAwaitDurationMs");
        return bulk.Number("maxMessagesCount") is > 0 and var max ? max : TopicSubscription.DefaultBatchSize;
    }
}
