using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Reads what an app answers to <c>GET /dapr/subscribe</c>.</summary>
internal static partial class SubscribeAnswer
{
    /// <summary>Returns the app's subscriptions, and one problem for each subscription that is left out.</summary>
    /// <exception cref="JsonException">The body is not a list of subscriptions.</exception>
    public static (IReadOnlyList<TopicSubscription> Subscriptions, IReadOnlyList<string> Problems) Read(ReadOnlySpan<byte> body)
    {
        var subscriptions = new List<TopicSubscription>();
        var problems = new List<string>();
        foreach (var item in body.IsEmpty ? [] : JsonSerializer.Deserialize(body, Json.Default.ListItem) ?? [])
        {
            Read(item ?? new Item(null, null, null, null, null, null, null), subscriptions, problems);
        }

        return (subscriptions, problems);
    }

    private static void Read(Item item, List<TopicSubscription> subscriptions, List<string> problems)
    {
        var route = string.IsNullOrEmpty(item.Routes?.Default) ? item.Route ?? "" : item.Routes.Default;
        if (Problem(item, route) is { } problem)
        {
            problems.Add($"Subscription of topic '{item.Topic}' through pubsub '{item.PubSubName}': {problem}; the subscription is left out");
            return;
        }

        subscriptions.Add(new TopicSubscription(
            item.PubSubName ?? "", item.Topic ?? "", route, item.DeadLetterTopic ?? "", item.Metadata ?? [], IsDeclarative: false, BatchSize(item.BulkSubscribe)));
    }

    private static string? Problem(Item item, string route) => item switch
    {
        { Routes.Rules: { } rules } when rules.Exists(rule => rule is not null) => "the embedded sidecar does not support routing rules (routes.rules)",
        _ when route.Length == 0 => "it has no route",
        _ => null,
    };

    private static int? BatchSize(Bulk? bulk) => bulk switch
    {
        { Enabled: true, MaxMessagesCount: > 0 and var max } => max,
        { Enabled: true } => TopicSubscription.DefaultBatchSize,
        _ => null,
    };

    private sealed record Item(
        string? PubSubName, string? Topic, string? Route, RouteTable? Routes, string? DeadLetterTopic, Dictionary<string, string>? Metadata, Bulk? BulkSubscribe);

    private sealed record RouteTable(List<Rule?>? Rules, string? Default);

    private sealed record Rule(string? Match, string? Path);

    // maxAwaitDurationMs is ignored: a batch contains the messages that are available, and does not wait for more.
    private sealed record Bulk(bool Enabled, int MaxMessagesCount);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(List<Item?>))]
    private sealed partial class Json : JsonSerializerContext;
}
