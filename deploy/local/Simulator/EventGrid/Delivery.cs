using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>One event on its way to one subscription.</summary>
internal sealed record Delivery(string EventId, string Body, int Bytes, string DataVersion, DateTimeOffset Published)
{
    /// <summary>What it is kept under.</summary>
    public string Key { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The subscription's name.</summary>
    public string Subscription { get; init; } = "";

    /// <summary>When it is to be tried.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>How often it was tried so far.</summary>
    public int Attempts { get; init; }
}

/// <summary>How deliveries of a subscription went. After a restart it counts what was left over, and anew.</summary>
/// <param name="Matched">Events that passed the filter.</param>
/// <param name="Delivered">Deliveries the webhook accepted (a duplicate counts).</param>
/// <param name="Failed">Attempts that failed.</param>
/// <param name="DeadLettered">Events given up on and kept.</param>
/// <param name="Dropped">Events given up on without a dead-letter destination.</param>
/// <param name="Pending">Events neither delivered nor given up on.</param>
internal sealed record DeliveryCount(int Matched, int Delivered, int Failed, int DeadLettered, int Dropped, int Pending);

/// <summary>A subscription as it is kept.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Properties">Its properties with nothing hidden.</param>
/// <param name="State">Its provisioning state.</param>
/// <param name="Validation">The code of its latest handshake.</param>
internal sealed record SubscriptionRecord(string Name, JsonObject Properties, string State, Guid Validation);
