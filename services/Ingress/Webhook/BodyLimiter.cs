using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.Webhook;

/// <summary>Limits the bytes of bodies that are handled at a time: many small elements take up to 60 times the memory of their body.</summary>
internal sealed class BodyLimiter : IDisposable
{
    // In multiples of the largest body.
    private const int WaitingBodies = 8;

    private readonly ConcurrencyLimiter _limiter;
    private readonly IOptionsMonitor<IngressOptions> _options;
    private readonly int _bytes;

    public BodyLimiter(IOptionsMonitor<IngressOptions> options)
    {
        _options = options;
        _bytes = options.CurrentValue.MaxBodyBytes;
        _limiter = new(new() { PermitLimit = _bytes, QueueLimit = WaitingBodies * _bytes, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
    }

    /// <summary>Waits until there is room for a body, in the order of arrival, for <see cref="IngressOptions.PublishTimeout"/> at most.</summary>
    /// <param name="length">The length of the body in bytes. One that is larger than the limit, which can be raised while the service runs, waits for all others.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Holds the room until it is disposed. Null if there is none in time, or if too many bytes wait already.</returns>
    public async Task<IDisposable?> EnterAsync(int length, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.CurrentValue.PublishTimeout);
        try
        {
            var lease = await _limiter.AcquireAsync(Math.Clamp(length, 1, _bytes), limit.Token);
            return lease.IsAcquired ? lease : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _limiter.Dispose();
}
