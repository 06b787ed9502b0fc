using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>A header that every delivery contains. The value is static, or is read at a path in the event.</summary>
internal sealed record DeliveryAttribute(string Name, string? Value, string? Path);

/// <summary>The settings of a subscription, parsed from its resource.</summary>
internal sealed record SubscriptionSettings(
    Uri Endpoint,
    bool CloudEvents,
    EventFilter Filter,
    int MaxEventsPerBatch,
    int PreferredKilobytes,
    int MaxDeliveryAttempts,
    TimeSpan TimeToLive,
    bool DeadLetters,
    IReadOnlyList<DeliveryAttribute> Attributes)
{
    private static readonly HashSet<string> KnownTypes = new(StringComparer.Ordinal)
    {
        "Microsoft.MachineLearningServices.ModelRegistered",
        "Microsoft.MachineLearningServices.ModelDeployed",
        "Microsoft.MachineLearningServices.RunCompleted",
        "Microsoft.MachineLearningServices.RunStatusChanged",
        "Microsoft.MachineLearningServices.DatasetDriftDetected",
    };

    /// <summary>The event types of an Azure ML workspace.</summary>
    public static IReadOnlyCollection<string> EventTypes => KnownTypes;

    /// <summary>Parses the properties of a subscription.</summary>
    /// <exception cref="ArmRefusal">The properties violate a rule of Event Grid.</exception>
    public static SubscriptionSettings Parse(JsonNode? properties)
    {
        var destination = properties.At("destination");
        if (destination.Text("endpointType") is not "WebHook")
        {
            throw ArmRefusal.BadContent("The simulator delivers only to destinations with the 'endpointType' WebHook.", "properties.destination");
        }

        var filter = EventFilter.Parse(properties.At("filter"));
        foreach (var type in filter.Types.Where(type => !KnownTypes.Contains(type)))
        {
            throw ArmRefusal.BadContent($"Event type '{type}' is not registered for Microsoft.MachineLearningServices.Workspaces.", "properties.filter.includedEventTypes");
        }

        return new(
            ReadEndpoint(destination.Text("properties", "endpointUrl")),
            properties.Text("eventDeliverySchema") == "CloudEventSchemaV1_0",
            filter,
            Limited(destination, 1, 5_000, 1, "maxEventsPerBatch"),
            Limited(destination, 1, 1_024, 64, "preferredBatchSizeInKilobytes"),
            Limited(properties, 1, 30, 30, "maxDeliveryAttempts"),
            TimeSpan.FromMinutes(Limited(properties, 1, 1_440, 1_440, "eventTimeToLiveInMinutes")),
            properties.At("deadLetterDestination") is JsonObject,
            ReadAttributes(destination));
    }

    private static Uri ReadEndpoint(string? text)
    {
        var valid = Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback));
        return valid && endpoint is not null
            ? endpoint
            : throw ArmRefusal.BadContent("The webhook's endpointUrl must be an absolute https address (the simulator also takes http on loopback).", "properties.destination.properties.endpointUrl");
    }

    private static int Limited(JsonNode? holder, int min, int max, int fallback, string name)
    {
        var source = holder.At("endpointType") is null ? holder.At("retryPolicy") : holder.At("properties");
        var value = source.Number(fallback, name);
        return value >= min && value <= max ? value : throw ArmRefusal.BadContent($"'{name}' must be from {min} to {max}.", name);
    }

    private static List<DeliveryAttribute> ReadAttributes(JsonNode? destination)
    {
        var mappings = destination.At("properties", "deliveryAttributeMappings") as JsonArray ?? [];
        if (mappings.Count > 10)
        {
            throw ArmRefusal.BadContent("A subscription can have at most 10 delivery attributes.", "deliveryAttributeMappings");
        }

        return [.. mappings.Select(ReadAttribute)];
    }

    private static DeliveryAttribute ReadAttribute(JsonNode? mapping)
    {
        var name = mapping.Text("name") ?? "";
        if (name.Length == 0 || name.StartsWith("aeg-", StringComparison.OrdinalIgnoreCase) || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw ArmRefusal.BadContent($"'{name}' is not a valid name of a delivery attribute.", "deliveryAttributeMappings");
        }

        return mapping.Text("type") == "Dynamic"
            ? new(name, null, mapping.Text("properties", "sourceField"))
            : new(name, mapping.Text("properties", "value"), null);
    }
}
