using System.Text.Json;
using MLEvents.Local.Sidecar.Cel;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Reads what an app answers to <c>GET /dapr/subscribe</c>.</summary>
internal static class SubscribeAnswer
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>The app's subscriptions and what is wrong with those that are left out.</summary>
    /// <exception cref="JsonException">The body is no list of subscriptions.</exception>
    public static (IReadOnlyList<TopicSubscription> Subscriptions, IReadOnlyList<string> Problems) Read(ReadOnlySpan<byte> body)
    {
        var subscriptions = new List<TopicSubscription>();
        var problems = new List<string>();
        foreach (var item in body.IsEmpty ? [] : JsonSerializer.Deserialize<List<Item?>>(body, Web) ?? [])
        {
            Read(item ?? new Item(null, null, null, null, null, null, null), subscriptions, problems);
        }

        return (subscriptions, problems);
    }

    /// <summary>Parses a rule's expression over <c>event</c>; a rule without one is the default route.</summary>
    /// <exception cref="CelException">It is no expression.</exception>
    public static TopicRoute Route(string? match, string path) =>
        new(match ?? "", path, string.IsNullOrEmpty(match) ? null : CelExpression.Parse(match, "event"));

    private static void Read(Item item, List<TopicSubscription> subscriptions, List<string> problems)
    {
        var place = $"subscription of topic '{item.Topic}' through pubsub '{item.PubSubName}'";
        try
        {
            var routes = Routes(item);
            if (item.BulkSubscribe?.Enabled == true)
            {
                problems.Add($"{place}: the embedded sidecar does not support bulkSubscribe; the subscription is left out");
            }
            else if (routes.Count == 0)
            {
                problems.Add($"{place} has no route; it is left out");
            }
            else
            {
                var metadata = item.Metadata ?? [];
                subscriptions.Add(new TopicSubscription(item.PubSubName ?? "", item.Topic ?? "", routes, item.DeadLetterTopic ?? "", metadata, IsDeclarative: false));
            }
        }
        catch (CelException error)
        {
            problems.Add($"{place}: its rule {error.Message}; the subscription is left out");
        }
    }

    private static List<TopicRoute> Routes(Item item)
    {
        var routes = (item.Routes?.Rules ?? []).Select(rule => Route(rule?.Match, rule?.Path ?? "")).ToList();
        var otherwise = string.IsNullOrEmpty(item.Routes?.Default) ? item.Route : item.Routes.Default;
        if (!string.IsNullOrEmpty(otherwise))
        {
            routes.Add(Route(null, otherwise));
        }

        return routes;
    }

    private sealed record Item(
        string? PubSubName, string? Topic, string? Route, RouteTable? Routes, string? DeadLetterTopic, Dictionary<string, string>? Metadata, Bulk? BulkSubscribe);

    private sealed record RouteTable(List<Rule?>? Rules, string? Default);

    private sealed record Rule(string? Match, string? Path);

    private sealed record Bulk(bool Enabled);
}
