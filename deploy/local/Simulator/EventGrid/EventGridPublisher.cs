using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Accepts events of the workspace and queues them for every matching subscription.</summary>
internal sealed class EventGridPublisher(
    SubscriptionStore subscriptions, DeliveryQueue queue, ArmScope scope, FaultStore faults, Timeline timeline, Journal journal, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromMilliseconds(500);
    private readonly SeededRandom _random = new(1);

    /// <summary>Publishes an event in the Event Grid schema; missing envelope members get defaults. Returns the number of matching subscriptions.</summary>
    public int Publish(JsonObject published)
    {
        var stamped = EventSchemas.Stamp(published, scope.Workspace, time.GetUtcNow());
        var correlation = Correlation(stamped);
        timeline.Add("event.published", stamped.Text("subject") ?? "", correlation, stamped.Text("eventType"));
        var matching = subscriptions.All.Where(subscription => subscription.Active && subscription.Settings.Filter.Matches(stamped)).ToList();
        journal.Commit(() => matching.ForEach(subscription => Enqueue(subscription, stamped)));
        return matching.Count;
    }

    private void Enqueue(EventSubscription subscription, JsonObject stamped)
    {
        var schema = subscription.Settings.CloudEvents ? EventSchemas.ToCloudEvent(stamped) : stamped;
        var body = schema.ToJsonString();
        var delivery = new Delivery(stamped.Text("id") ?? "", body, Encoding.UTF8.GetByteCount(body), stamped.Text("dataVersion") ?? "", time.GetUtcNow());
        subscription.UpdateCounts(count => count with { Matched = count.Matched + 1 });

        var fault = faults.Take("EventGrid_Deliver", Fault.EventKinds);
        var copies = fault?.Kind == Fault.Duplicate ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            subscription.UpdateCounts(count => count with { Pending = count.Pending + 1 });
            queue.Add(subscription, delivery with { Key = Guid.NewGuid().ToString("N") }, Pause(fault));
        }
    }

    private TimeSpan Pause(Fault? fault) => fault?.Kind switch
    {
        Fault.DelayEvents => fault.Delay ?? DefaultDelay,
        Fault.Shuffle => (fault.Delay ?? DefaultDelay) * _random.NextDouble(),
        _ => TimeSpan.Zero,
    };

    private string? Correlation(JsonObject stamped)
    {
        string[] places = ["runTags", "runProperties", "modelTags", "modelProperties", "serviceTags", "serviceProperties"];
        return places.Select(place => stamped.Text("data", place, options.Value.CorrelationTag)).FirstOrDefault(tag => tag is not null);
    }
}
