using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Control;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Moves a subscription's queue to its webhook: in batches, again after failures, to the dead letters in the end.</summary>
internal sealed class DeliveryPump(
    SubscriptionStore book,
    DeliveryQueue waiting,
    WebhookClient webhooks,
    DeadLetters deadLetters,
    FaultStore faults,
    CallLog calls,
    Timeline timeline,
    Journal journal,
    BackgroundWork work,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private const string Operation = "EventGrid_Deliver";
    private const int Parallel = 8;

    /// <summary>Pumps until the subscription is deleted.</summary>
    public void Start(EventSubscription subscription) => work.Start("Delivery to " + subscription.Name, token => PumpAsync(subscription, token));

    /// <summary>Pumps for the subscriptions that an earlier process left.</summary>
    public void Resume()
    {
        foreach (var subscription in book.All)
        {
            var dead = deadLetters.Count(subscription.Name);
            subscription.Tally(count => count with { Matched = count.Matched + dead, DeadLettered = dead });
            Start(subscription);
        }
    }

    private async Task PumpAsync(EventSubscription subscription, CancellationToken cancellationToken)
    {
        var queue = subscription.Queue.Reader;

        // Not disposed: a delivery may still give its slot back while the host stops.
        var slots = new SemaphoreSlim(Parallel);
        while (await queue.WaitToReadAsync(cancellationToken))
        {
            await slots.WaitAsync(cancellationToken);
            var batch = await CollectAsync(subscription, cancellationToken);
            work.Start("Delivery", async token =>
            {
                try
                {
                    await SendAsync(subscription, batch, token);
                }
                finally
                {
                    slots.Release();
                }
            });
        }
    }

    private async Task<List<Delivery>> CollectAsync(EventSubscription subscription, CancellationToken cancellationToken)
    {
        var (queue, settings) = (subscription.Queue.Reader, subscription.Settings);
        if (settings.MaxEventsPerBatch > 1 && queue.Count < settings.MaxEventsPerBatch)
        {
            await work.WaitAsync(options.Value.BatchWindow, cancellationToken);
        }

        var batch = new List<Delivery>();
        var bytes = 0;
        while (batch.Count < settings.MaxEventsPerBatch && queue.TryPeek(out var next))
        {
            bytes += next.Bytes;
            if (batch.Count > 0 && bytes > settings.PreferredKilobytes * 1024)
            {
                break;
            }

            if (queue.TryRead(out var taken))
            {
                batch.Add(taken);
            }
        }

        return batch;
    }

    private async Task SendAsync(EventSubscription subscription, List<Delivery> batch, CancellationToken cancellationToken)
    {
        var alive = batch.FindAll(delivery => !Expired(subscription, delivery));
        if (alive.Count == 0)
        {
            return;
        }

        var fault = faults.Take(Operation, Fault.HttpKinds);
        var answer = await AttemptAsync(subscription, alive, fault, cancellationToken);
        var success = RetrySchedule.IsSuccess(answer.Status);
        calls.Add(new(Operation, subscription.Name, answer.Status, success, fault?.Kind));
        timeline.Add(success ? "event.delivered" : "event.refused", subscription.Name, null, $"{alive.Count} event(s), status {answer.Status}");
        if (success)
        {
            waiting.Done(alive);
            subscription.Tally(count => count with { Delivered = count.Delivered + alive.Count, Pending = count.Pending - alive.Count });
            return;
        }

        subscription.Tally(count => count with { Failed = count.Failed + 1 });
        alive.ForEach(delivery => Again(subscription, delivery with { Attempts = delivery.Attempts + 1 }, answer));
    }

    private async Task<WebhookAnswer> AttemptAsync(EventSubscription subscription, List<Delivery> batch, Fault? fault, CancellationToken cancellationToken)
    {
        if (fault is { Kind: Fault.Late })
        {
            await work.WaitAsync(fault.Delay ?? TimeSpan.FromSeconds(1), cancellationToken);
        }

        if (fault is null or { Kind: Fault.Late } or { After: true })
        {
            var answer = await webhooks.DeliverAsync(subscription, batch, cancellationToken);
            if (fault is null or { Kind: Fault.Late })
            {
                return answer;
            }
        }

        return fault.Kind switch
        {
            Fault.StatusKind => new(fault.Status, RetrySchedule.Outcome(fault.Status)),
            Fault.Timeout => new(StatusCodes.Status408RequestTimeout, "TimedOut"),
            _ => new(0, "SocketError"),
        };
    }

    private void Again(EventSubscription subscription, Delivery delivery, WebhookAnswer answer)
    {
        if (!RetrySchedule.IsRetried(answer.Status) || delivery.Attempts >= subscription.Settings.MaxDeliveryAttempts)
        {
            GiveUp(subscription, delivery, "MaxDeliveryAttemptsExceeded", answer.Outcome);
            return;
        }

        var pause = RetrySchedule.Pause(delivery.Attempts, answer.Status) * options.Value.RetryTimeScale;
        waiting.Add(subscription, delivery, pause);
    }

    // As with Event Grid, the time to live is looked at only when the next attempt is due.
    private bool Expired(EventSubscription subscription, Delivery delivery)
    {
        if (!book.Holds(subscription))
        {
            waiting.Done([delivery]);
            return true;
        }

        var age = time.GetUtcNow() - delivery.Published;
        if (delivery.Attempts == 0 || age <= subscription.Settings.TimeToLive * options.Value.RetryTimeScale)
        {
            return false;
        }

        GiveUp(subscription, delivery, "TimeToLiveExceeded", "Busy");
        return true;
    }

    private void GiveUp(EventSubscription subscription, Delivery delivery, string reason, string outcome)
    {
        var kept = subscription.Settings.DeadLetters;
        journal.Together(() =>
        {
            waiting.Done([delivery]);
            if (kept)
            {
                deadLetters.Add(subscription, delivery, reason, outcome);
            }
        });

        subscription.Tally(count => kept
            ? count with { DeadLettered = count.DeadLettered + 1, Pending = count.Pending - 1 }
            : count with { Dropped = count.Dropped + 1, Pending = count.Pending - 1 });
        timeline.Add(kept ? "event.deadLettered" : "event.dropped", subscription.Name, null, $"{delivery.EventId}: {reason}, {outcome}");
    }
}
