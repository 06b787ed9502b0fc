using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Control;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Events that were given up on, in the documented form of a dead-letter record. Held in memory.</summary>
internal sealed class DeadLetters(TimeProvider time)
{
    private const int Kept = 10_000;
    private const long KeptBytes = 64L << 20;
    private readonly Lock _gate = new();
    private readonly Recent<(string Subscription, JsonObject Record, int Bytes)> _records = new(Kept, KeptBytes, record => record.Bytes);

    /// <summary>Adds a record.</summary>
    public void Add(EventSubscription subscription, Delivery delivery, string reason, string outcome)
    {
        var record = JsonNode.Parse(delivery.Body)?.AsObject() ?? [];
        if (subscription.Settings.CloudEvents)
        {
            record["deadletterreason"] = reason;
            record["deliveryattempts"] = delivery.Attempts;
            record["lastdeliveryoutcome"] = outcome;
            record["publishtime"] = delivery.Published.Wire();
        }
        else
        {
            record["deadLetterReason"] = reason;
            record["deliveryAttempts"] = delivery.Attempts;
            record["lastDeliveryOutcome"] = outcome;
            record["publishTime"] = delivery.Published.Wire();
            record["lastDeliveryAttemptTime"] = time.GetUtcNow().Wire();
        }

        lock (_gate)
        {
            _records.Add((subscription.Name, record, delivery.Bytes));
        }
    }

    /// <summary>The records, oldest first; of one subscription when a name is given.</summary>
    public JsonArray List(string? subscription)
    {
        lock (_gate)
        {
            return [.. _records.Items
                .Where(record => subscription is null || subscription.Equals(record.Subscription, StringComparison.OrdinalIgnoreCase))
                .Select(record => record.Record.Copy())];
        }
    }
}
