using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Delivers a subscription's queue to its webhook in batches, retries failed deliveries, and dead-letters or drops the events that still cannot be delivered.</summary>
internal sealed class DeliveryPump(
    SubscriptionStore subscriptions,
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

    /// <summary>Starts delivery, which runs until the subscription is deleted.</summary>
    public void Start(EventSubscription subscription) => work.Start("Delivery to " + subscription.Name, token => PumpAsync(subscription, token));

    /// <summary>Starts delivery for the subscriptions of an earlier process.</summary>
    public void Resume()
    {
        foreach (var subscription in subscriptions.All)
        {
            var dead = deadLetters.Count(subscription.Name);
            subscription.UpdateCounts(count => count with { Matched = count.Matched + dead, DeadLettered = dead });
            Start(subscription);
        }
    }

    private async Task PumpAsync(EventSubscription subscription, CancellationToken cancellationToken)
    {
        var queue = subscription.Queue.Reader;

        // The semaphore is not disposed, because a delivery may release its slot while the host stops.
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
        var unexpired = batch.FindAll(delivery => !EndIfExpired(subscription, delivery));
        if (unexpired.Count == 0)
        {
            return;
        }

        var fault = faults.Take(Operation, Fault.HttpKinds);
        var answer = await AttemptAsync(subscription, unexpired, fault, cancellationToken);
        var success = RetrySchedule.IsSuccess(answer.Status);
        calls.Add(new(Operation, subscription.Name, answer.Status, success, fault?.Kind));
        timeline.Add(success ? "event.delivered" : "event.refused", subscription.Name, null, $"{unexpired.Count} event(s), status {answer.Status}");
        if (success)
        {
            waiting.Remove(unexpired);
            subscription.UpdateCounts(count => count with { Delivered = count.Delivered + unexpired.Count, Pending = count.Pending - unexpired.Count });
            return;
        }

        subscription.UpdateCounts(count => count with { Failed = count.Failed + 1 });
        unexpired.ForEach(delivery => Reschedule(subscription, delivery with { Attempts = delivery.Attempts + 1 }, answer));
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

    private void Reschedule(EventSubscription subscription, Delivery delivery, WebhookAnswer answer)
    {
        if (!RetrySchedule.IsRetried(answer.Status) || delivery.Attempts >= subscription.Settings.MaxDeliveryAttempts)
        {
            EndUndelivered(subscription, delivery, "MaxDeliveryAttemptsExceeded", answer.Outcome);
            return;
        }

        var pause = RetrySchedule.Pause(delivery.Attempts, answer.Status) * options.Value.RetryTimeScale;
        waiting.Add(subscription, delivery, pause);
    }

    // Returns true for a delivery that has expired or whose subscription was deleted.
    // As in Event Grid, the time to live is checked only when the next attempt is due.
    private bool EndIfExpired(EventSubscription subscription, Delivery delivery)
    {
        if (!subscriptions.Contains(subscription))
        {
            waiting.Remove([delivery]);
            return true;
        }

        var age = time.GetUtcNow() - delivery.Published;
        if (delivery.Attempts == 0 || age <= subscription.Settings.TimeToLive * options.Value.RetryTimeScale)
        {
            return false;
        }

        EndUndelivered(subscription, delivery, "TimeToLiveExceeded", "Busy");
        return true;
    }

    private void EndUndelivered(EventSubscription subscription, Delivery delivery, string reason, string outcome)
    {
        var stored = subscription.Settings.DeadLetters;
        journal.Commit(() =>
        {
            waiting.Remove([delivery]);
            if (stored)
            {
                deadLetters.Add(subscription, delivery, reason, outcome);
            }
        });

        subscription.UpdateCounts(count => stored
            ? count with { DeadLettered = count.DeadLettered + 1, Pending = count.Pending - 1 }
            : count with { Dropped = count.Dropped + 1, Pending = count.Pending - 1 });
        timeline.Add(stored ? "event.deadLettered" : "event.dropped", subscription.Name, null, $"{delivery.EventId}: {reason}, {outcome}");
    }
}
