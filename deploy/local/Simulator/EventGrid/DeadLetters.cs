using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Control;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Events that were given up on, in the documented form of a dead-letter record.</summary>
internal sealed class DeadLetters
{
    private const string Kind = "dead-letter";
    private const int Most = 50_000;
    private const long MostBytes = 256L << 20;
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly BoundedQueue<Stored> _records = new(Most, MostBytes, record => record.Bytes);

    /// <summary>Dead letters with those that an earlier process left.</summary>
    public DeadLetters(Journal journal, TimeProvider time)
    {
        (_journal, _time) = (journal, time);
        foreach (var record in journal.Restored<Stored>(Kind))
        {
            _records.Add(record);
        }
    }

    /// <summary>How many there are of one subscription, or in all.</summary>
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
            record["publishtime"] = delivery.Published.Wire();
        }
        else
        {
            record["deadLetterReason"] = reason;
            record["deliveryAttempts"] = delivery.Attempts;
            record["lastDeliveryOutcome"] = outcome;
            record["publishTime"] = delivery.Published.Wire();
            record["lastDeliveryAttemptTime"] = _time.GetUtcNow().Wire();
        }

        var kept = new Stored(delivery.Key, subscription.Name, record, delivery.Bytes);
        _journal.Together(() =>
        {
            _journal.Put(Kind, kept.Key, kept);
            _records.Add(kept).ForEach(old => _journal.Remove(Kind, old.Key));
        });
    }

    /// <summary>The records, oldest first; of one subscription when a name is given.</summary>
    public JsonArray List(string? subscription)
    {
        lock (_journal.Gate)
        {
            return [.. _records.Items.Where(record => record.IsOf(subscription)).Select(record => record.Record.Copy())];
        }
    }

    private sealed record Stored(string Key, string Subscription, JsonObject Record, int Bytes)
    {
        public bool IsOf(string? subscription) => subscription is null || subscription.Equals(Subscription, StringComparison.OrdinalIgnoreCase);
    }
}
