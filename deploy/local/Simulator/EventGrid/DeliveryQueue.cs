using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Deliveries not done yet. Each is kept from the moment its event is published until its webhook has it or it is given up on.</summary>
internal sealed class DeliveryQueue(SubscriptionStore book, Journal journal, BackgroundWork work, TimeProvider time)
{
    private const string Kind = "delivery";

    /// <summary>Queues a delivery after a pause.</summary>
    public void Add(EventSubscription subscription, Delivery delivery, TimeSpan pause)
    {
        var kept = delivery with { Subscription = subscription.Name, Due = time.GetUtcNow() + pause };
        journal.Put(Kind, kept.Key, kept);
        journal.Afterwards(() => Enter(subscription, kept, pause));
    }

    /// <summary>Forgets deliveries that are done with.</summary>
    public void Done(IReadOnlyCollection<Delivery> deliveries) => journal.Together(() =>
    {
        foreach (var delivery in deliveries)
        {
            journal.Remove(Kind, delivery.Key);
        }
    });

    /// <summary>Queues what an earlier process left.</summary>
    public void Resume()
    {
        foreach (var delivery in journal.Restored<Delivery>(Kind))
        {
            if (book.Find(delivery.Subscription) is { } subscription)
            {
                subscription.Tally(count => count with { Matched = count.Matched + 1, Pending = count.Pending + 1 });
                Enter(subscription, delivery, delivery.Due - time.GetUtcNow());
            }
            else
            {
                Done([delivery]);
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
