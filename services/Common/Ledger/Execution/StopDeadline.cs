using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger.Execution;

/// <summary>The time until which a stopping service waits for steps and for the writes of their results.</summary>
internal sealed class StopDeadline : IDisposable
{
    private readonly CancellationTokenRegistration _stopping;
    private long _ticks = DateTimeOffset.MaxValue.UtcTicks;

    public StopDeadline(IHostApplicationLifetime lifetime, IOptions<LedgerOptions> options, TimeProvider time) =>
        _stopping = lifetime.ApplicationStopping.Register(() => Interlocked.Exchange(ref _ticks, (time.GetUtcNow() + options.Value.Drain).UtcTicks));

    /// <summary>The time of the stop plus <see cref="LedgerOptions.Drain"/>. While the service runs, <see cref="DateTimeOffset.MaxValue"/>.</summary>
    public DateTimeOffset Deadline => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Dispose() => _stopping.Dispose();
}
