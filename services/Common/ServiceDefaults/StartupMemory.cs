using Microsoft.Extensions.Hosting;

namespace MLEvents.ServiceDefaults;

/// <summary>
/// Returns to the operating system the memory that the start of the service needed. An idle service allocates too little for a collection, so this memory would stay in
/// use for hours.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class StartupMemory(TimeProvider time) : BackgroundService
{
    /// <summary>How long the start takes. After this time, the service has loaded and published its rules, and the sidecar has asked for the subscriptions.</summary>
    internal static readonly TimeSpan StartDuration = TimeSpan.FromSeconds(5);

    /// <summary>Collects all garbage and returns the free memory to the operating system. All threads wait until this is done.</summary>
    public static void Release() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(StartDuration, time, stoppingToken);
        Release();
    }
}
