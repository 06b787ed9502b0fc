using System.Collections.Concurrent;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>Runs work that outlives a request, and cancels the work when the host stops.</summary>
internal sealed partial class BackgroundWork(TimeProvider time, IHostApplicationLifetime lifetime, ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private long _last;

    /// <summary>Cancelled when the host begins to stop. A request that waits must observe this token; otherwise, the host waits for the request.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Runs work in the background. An exception is logged, not thrown.</summary>
    public void Start(string name, Func<CancellationToken, Task> work)
    {
        var number = Interlocked.Increment(ref _last);
        var task = GuardAsync(name, work);
        _running[number] = task;
        _ = task.ContinueWith(_ => _running.TryRemove(number, out Task? _), TaskScheduler.Default);
    }

    /// <summary>Waits on the simulator's clock.</summary>
    public Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        duration > TimeSpan.Zero ? Task.Delay(duration, time, cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values);
        _stopping.Dispose();
    }

    private async Task GuardAsync(string name, Func<CancellationToken, Task> work)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await work(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            LogStopped(name);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailed(name, exception);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "{Work} was cancelled, because the host stops")]
    private partial void LogStopped(string work);

    [LoggerMessage(2, LogLevel.Error, "{Work} failed; the resource it simulates does not change until the simulator restarts")]
    private partial void LogFailed(string work, Exception exception);
}
