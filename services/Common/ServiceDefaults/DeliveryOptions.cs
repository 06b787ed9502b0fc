namespace MLEvents.ServiceDefaults;

/// <summary>Settings of the delivery of messages, from the <c>Delivery</c> section.</summary>
public sealed class DeliveryOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Delivery";

    /// <summary>
    /// Whether the sidecar delivers several messages of a topic in one request. Default true. Set it to false with <c>pubsub.redis</c> of daprd 1.17:
    /// with a bulk subscription, a daprd that stops can acknowledge a message that no service has handled, and the retries of one message hold back all others of its topic.
    /// Also set it to false with any daprd if <c>Ingress:MaxMessageBytes</c> is more than 2.5 MiB: a bulk message of more than 128 MiB is refused.
    /// </summary>
    public bool Bulk { get; set; } = true;
}
