using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>The dead-lettered events, in the record format that Event Grid documents.</summary>
internal sealed class DeadLetters
{
    private const string Kind = "dead-letter";
    private const int MaxItems = 50_000;
    private const long MaxBytes = 256L << 20;
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly BoundedQueue<StoredDeadLetter> _records = new(MaxItems, MaxBytes, record => record.Bytes);

    /// <summary>Creates the store with the records of an earlier process.</summary>
    public DeadLetters(Journal journal, TimeProvider time)
    {
        (_journal, _time) = (journal, time);
        foreach (var record in journal.Restored<StoredDeadLetter>(Kind))
        {
            _records.Add(record);
        }
    }

    /// <summary>The number of records of a subscription; of all subscriptions if the name is null.</summary>
    public int Count(string? subscription = null)
    {
        lock (_journal.Gate)
        {
            return _records.Items.Count(record => record.IsOf(subscription));
        }
    }

    /// <summary>Adds a record.</summary>
    public void Add(EventSubscription subscription, Delivery delivery, string reason, string outcome)
    {
        var record = JsonNode.Parse(delivery.Body)?.AsObject() ?? [];
        if (subscription.Settings.CloudEvents)
        {
            record["deadletterreason"] = reason;
            record["deliveryattempts"] = delivery.Attempts;
            record["lastdeliveryoutcome"] = outcome;
            record["publishtime"] = delivery.Published.ToAzureTime();
        }
        else
        {
            record["deadLetterReason"] = reason;
            record["deliveryAttempts"] = delivery.Attempts;
            record["lastDeliveryOutcome"] = outcome;
            record["publishTime"] = delivery.Published.ToAzureTime();
            record["lastDeliveryAttemptTime"] = _time.GetUtcNow().ToAzureTime();
        }

        var stored = new StoredDeadLetter(delivery.Key, subscription.Name, record, delivery.Bytes);
        _journal.Commit(() =>
        {
            _journal.Put(Kind, stored.Key, stored);
            _records.Add(stored).ForEach(old => _journal.Remove(Kind, old.Key));
        });
    }

    /// <summary>The records of a subscription, oldest first; the records of all subscriptions if the name is null.</summary>
    public JsonArray List(string? subscription)
    {
        lock (_journal.Gate)
        {
            return new JsonArray([.. _records.Items.Where(record => record.IsOf(subscription)).Select(record => record.Record.Copy())]);
        }
    }

    internal sealed record StoredDeadLetter(string Key, string Subscription, JsonObject Record, int Bytes)
    {
        public bool IsOf(string? subscription) => subscription is null || subscription.Equals(Subscription, StringComparison.OrdinalIgnoreCase);
    }
}
