using System.Text.Json.Nodes;
using System.Threading.Channels;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>A subscription to the events of the workspace. Thread-safe.</summary>
internal sealed class EventSubscription(string name, string id)
{
    private readonly Lock _gate = new();
    private JsonObject _properties = [];
    private DeliveryCount _count = new(0, 0, 0, 0, 0, 0);
    private string _state = "Creating";

    /// <summary>The name of the subscription.</summary>
    public string Name => name;

    /// <summary>The ARM id of the subscription.</summary>
    public string Id => id;

    /// <summary>The settings of the subscription.</summary>
    public SubscriptionSettings Settings { get; private set; } = SubscriptionSettings.Parse(Placeholder());

    /// <summary>Queued deliveries.</summary>
    public Channel<Delivery> Queue { get; } = Channel.CreateUnbounded<Delivery>();

    /// <summary>The code of the latest handshake. An update invalidates earlier codes.</summary>
    public Guid Validation { get; private set; }

    /// <summary>The provisioning state of the subscription.</summary>
    public string State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Whether events are delivered.</summary>
    public bool Active => State == "Succeeded";

    /// <summary>The counters.</summary>
    public DeliveryCount Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Sets new properties and returns the code of the new handshake. Delivery starts after the webhook handshake.</summary>
    public Guid Configure(JsonObject properties, SubscriptionSettings settings, string state)
    {
        lock (_gate)
        {
            (_properties, Settings, _state, Validation) = (properties.Copy(), settings, state, Guid.NewGuid());
            return Validation;
        }
    }

    /// <summary>Restores the record of an earlier process.</summary>
    public void Restore(SubscriptionRecord record)
    {
        lock (_gate)
        {
            (_properties, Settings, _state, Validation) = (record.Properties, SubscriptionSettings.Parse(record.Properties), record.State, record.Validation);
        }
    }

    /// <summary>The record to store.</summary>
    public SubscriptionRecord Record()
    {
        lock (_gate)
        {
            return new(name, _properties.Copy(), _state, Validation);
        }
    }

    /// <summary>Sets a state. Returns false, and changes nothing, if a later update invalidated the handshake, or if the current state is not <paramref name="only"/> (null allows every state).</summary>
    public bool TryEnter(Guid validation, string state, string? only = null)
    {
        lock (_gate)
        {
            if (validation != Validation || (only is not null && _state != only))
            {
                return false;
            }

            _state = state;
            return true;
        }
    }

    /// <summary>Updates the counters.</summary>
    public void UpdateCounts(Func<DeliveryCount, DeliveryCount> change)
    {
        lock (_gate)
        {
            _count = change(_count);
        }
    }

    /// <summary>A copy of the properties, secrets included.</summary>
    public JsonObject FullProperties()
    {
        lock (_gate)
        {
            return _properties.Copy();
        }
    }

    /// <summary>The resource in the form of Event Grid, without the query of the webhook's URL.</summary>
    public JsonObject ToResource(string topic)
    {
        var properties = FullProperties();
        var destination = properties.GetOrAddObject("destination").GetOrAddObject("properties");
        destination.Remove("endpointUrl");
        destination["endpointBaseUrl"] = Settings.Endpoint.GetLeftPart(UriPartial.Path);
        destination["maxEventsPerBatch"] = Settings.MaxEventsPerBatch;
        destination["preferredBatchSizeInKilobytes"] = Settings.PreferredKilobytes;
        Hide(destination);
        properties["topic"] = topic;
        properties["provisioningState"] = State;
        properties["eventDeliverySchema"] = Settings.CloudEvents ? "CloudEventSchemaV1_0" : "EventGridSchema";
        properties["labels"] ??= new JsonArray();
        properties["retryPolicy"] = new JsonObject { ["maxDeliveryAttempts"] = Settings.MaxDeliveryAttempts, ["eventTimeToLiveInMinutes"] = (int)Settings.TimeToLive.TotalMinutes };
        return new() { ["id"] = id, ["name"] = name, ["type"] = "Microsoft.EventGrid/eventSubscriptions", ["properties"] = properties };
    }

    private static void Hide(JsonObject destination)
    {
        foreach (var mapping in destination["deliveryAttributeMappings"] as JsonArray ?? [])
        {
            if (mapping.At("properties") is JsonObject properties && properties["isSecret"]?.ToString() == "true")
            {
                properties["value"] = "Hidden";
            }
        }
    }

    private static JsonObject Placeholder() => new()
    {
        ["destination"] = new JsonObject { ["endpointType"] = "WebHook", ["properties"] = new JsonObject { ["endpointUrl"] = "https://localhost/" } },
    };
}
