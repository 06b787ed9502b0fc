using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Delivers the messages of a subscription to the app.</summary>
internal interface IDelivery
{
    /// <summary>Delivers messages and settles each one. <paramref name="stop"/> ends the retries; <paramref name="abort"/> also ends the current attempt.</summary>
    Task DeliverAsync(LeasedBatch batch, CancellationToken stop, CancellationToken abort);
}
