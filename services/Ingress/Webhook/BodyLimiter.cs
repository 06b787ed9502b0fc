using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.Webhook;

/// <summary>
/// Limits the total size of the bodies that are handled at the same time to the size of the largest body, <see cref="IngressOptions.MaxBodyBytes"/>.
/// A body of many small JSON elements needs up to 60 times its size in memory.
/// </summary>
internal sealed class BodyLimiter : IDisposable
{
    // The total size of the waiting bodies, in multiples of the largest body.
    private const int WaitingBodies = 8;

    private readonly ConcurrencyLimiter _limiter;
    private readonly IOptionsMonitor<IngressOptions> _options;
    private readonly TimeProvider _time;
    private readonly int _bytes;

    public BodyLimiter(IOptionsMonitor<IngressOptions> options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _bytes = options.CurrentValue.MaxBodyBytes;
        _limiter = new(new() { PermitLimit = _bytes, QueueLimit = WaitingBodies * _bytes, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
    }

    /// <summary>Waits until there is room for a body. Bodies wait in the order of arrival, for a quarter of <see cref="IngressOptions.PublishTimeout"/> at most, so that the answer comes before Event Grid gives up.</summary>
    /// <param name="length">
    /// The length of the body in bytes. The limiter keeps the value that <see cref="IngressOptions.MaxBodyBytes"/> had when the service started. If the setting is
    /// raised later, a body that is larger than this value waits until no other body is being handled.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>An object that holds the room until it is disposed; null if there is no room in time, or if too many bytes are already waiting.</returns>
    public async Task<IDisposable?> EnterAsync(int length, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.CurrentValue.PublishTimeout / 4, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var lease = await _limiter.AcquireAsync(Math.Clamp(length, 1, _bytes), either.Token);
            return lease.IsAcquired ? lease : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _limiter.Dispose();
}
