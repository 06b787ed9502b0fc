using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>The pending deliveries. Each delivery is stored from the publication of its event until the event is delivered, dead-lettered or dropped.</summary>
internal sealed class DeliveryQueue(SubscriptionStore subscriptions, Journal journal, BackgroundWork work, TimeProvider time)
{
    private const string Kind = "delivery";

    /// <summary>Queues a delivery after a delay.</summary>
    public void Add(EventSubscription subscription, Delivery delivery, TimeSpan pause)
    {
        var stored = delivery with { Subscription = subscription.Name, Due = time.GetUtcNow() + pause };
        journal.Put(Kind, stored.Key, stored);
        journal.OnCommitted(() => Enter(subscription, stored, pause));
    }

    /// <summary>Removes finished deliveries.</summary>
    public void Remove(IReadOnlyCollection<Delivery> deliveries) => journal.Commit(() =>
    {
        foreach (var delivery in deliveries)
        {
            journal.Remove(Kind, delivery.Key);
        }
    });

    /// <summary>Queues the deliveries of an earlier process.</summary>
    public void Resume()
    {
        foreach (var delivery in journal.Restored<Delivery>(Kind))
        {
            if (subscriptions.Find(delivery.Subscription) is { } subscription)
            {
                subscription.UpdateCounts(count => count with { Matched = count.Matched + 1, Pending = count.Pending + 1 });
                Enter(subscription, delivery, delivery.Due - time.GetUtcNow());
            }
            else
            {
                Remove([delivery]);
            }
        }
    }

    private void Enter(EventSubscription subscription, Delivery delivery, TimeSpan pause)
    {
        if (pause <= TimeSpan.Zero)
        {
            subscription.Queue.Writer.TryWrite(delivery);
            return;
        }

        work.Start("Delivery of " + delivery.EventId, async token =>
        {
            await work.WaitAsync(pause, token);
            subscription.Queue.Writer.TryWrite(delivery);
        });
    }
}
