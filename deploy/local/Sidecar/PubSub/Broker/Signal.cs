using System.Threading.Channels;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>Wakes one waiter; setting it twice before it is waited for counts once.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Waits until set, or until the time is up (null: no limit).</summary>
    public async Task WaitAsync(TimeSpan? atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var set = _channel.Reader.WaitToReadAsync(both.Token).AsTask();
        if (!set.IsCompleted)
        {
            await Task.WhenAny(set, Task.Delay(atMost ?? Timeout.InfiniteTimeSpan, time, both.Token));
            await both.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        _channel.Reader.TryRead(out _);
    }
}
