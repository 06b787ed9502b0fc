using MLEvents.Local.Sidecar.Cel;
using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Delivery;

namespace MLEvents.Local.Sidecar.Resources;

/// <summary>Reads a document of kind <c>Subscription</c>: v1alpha1 has one route, v2alpha1 has rules.</summary>
internal static class SubscriptionDocument
{
    public static TopicSubscription Read(YamlMap document)
    {
        ComponentDocument.NameOf(document);
        var spec = document.RequiredMap("spec");
        var routes = document.RequiredText("apiVersion") switch
        {
            "dapr.io/v1alpha1" => RouteOf(spec.Only("pubsubname", "topic", "route", "deadLetterTopic", "metadata", "bulkSubscribe")),
            "dapr.io/v2alpha1" => RoutesOf(spec.Only("pubsubname", "topic", "routes", "deadLetterTopic", "metadata", "bulkSubscribe")),
            var other => throw new ResourceException(document.SourceOf("apiVersion"), $"'{other}' is no version of Subscription; there is dapr.io/v1alpha1 and dapr.io/v2alpha1"),
        };
        RefuseBulk(spec);
        return new TopicSubscription(
            spec.RequiredText("pubsubname"), spec.RequiredText("topic"), routes, spec.Text("deadLetterTopic") ?? "", spec.TextMap("metadata"), IsDeclarative: true);
    }

    private static List<TopicRoute> RouteOf(YamlMap spec) => [SubscribeAnswer.Route(null, spec.RequiredText("route"))];

    private static List<TopicRoute> RoutesOf(YamlMap spec)
    {
        var map = spec.RequiredMap("routes").Only("rules", "default");
        var routes = map.Maps("rules").Select(Rule).ToList();
        if (map.Text("default") is { Length: > 0 } otherwise)
        {
            routes.Add(SubscribeAnswer.Route(null, otherwise));
        }

        return routes.Count > 0 ? routes : throw new ResourceException(map.Source, "routes has neither rules nor a default");
    }

    private static TopicRoute Rule(YamlMap rule)
    {
        try
        {
            return SubscribeAnswer.Route(rule.Only("match", "path").Text("match"), rule.RequiredText("path"));
        }
        catch (CelException error)
        {
            throw new ResourceException(rule.SourceOf("match"), error.Message);
        }
    }

    private static void RefuseBulk(YamlMap spec)
    {
        var bulk = spec.Map("bulkSubscribe")?.Only("enabled", "maxMessagesCount", "maxAwaitDurationMs");
        if (bulk?.Flag("enabled", otherwise: false) == true)
        {
            throw new ResourceException(bulk.Source, "the embedded sidecar does not support bulkSubscribe; remove it or run daprd");
        }
    }
}
