using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>The way of a subscription's messages to the app.</summary>
internal interface IDelivery
{
    /// <summary>Delivers messages and decides what becomes of each; <paramref name="stop"/> ends retries, <paramref name="abort"/> also the attempt that runs.</summary>
    Task DeliverAsync(LeasedBatch batch, CancellationToken stop, CancellationToken abort);
}
