using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>An event to deliver to one subscription.</summary>
internal sealed record Delivery(string EventId, string Body, int Bytes, string DataVersion, DateTimeOffset Published)
{
    /// <summary>The key of the delivery in the journal.</summary>
    public string Key { get; init => field = value ?? NewKey(); } = NewKey();

    /// <summary>The subscription's name.</summary>
    public string Subscription { get; init => field = value ?? ""; } = "";

    /// <summary>The time of the next attempt.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>The number of attempts so far.</summary>
    public int Attempts { get; init; }

    private static string NewKey() => Guid.NewGuid().ToString("N");
}

/// <summary>Delivery counters of a subscription. After a restart they start with the restored deliveries and dead letters.</summary>
/// <param name="Matched">Events that passed the filter.</param>
/// <param name="Delivered">Deliveries that the webhook accepted, duplicates included.</param>
/// <param name="Failed">Failed attempts.</param>
/// <param name="DeadLettered">Dead-lettered events.</param>
/// <param name="Dropped">Events dropped because there is no dead-letter destination.</param>
/// <param name="Pending">Events that are still queued or in delivery.</param>
internal sealed record DeliveryCount(int Matched, int Delivered, int Failed, int DeadLettered, int Dropped, int Pending);

/// <summary>A subscription as it is stored.</summary>
/// <param name="Name">The name of the subscription.</param>
/// <param name="Properties">The properties of the subscription, secrets included.</param>
/// <param name="State">The provisioning state of the subscription.</param>
/// <param name="Validation">The code of the latest handshake.</param>
internal sealed record SubscriptionRecord(string Name, JsonObject Properties, string State, Guid Validation);
