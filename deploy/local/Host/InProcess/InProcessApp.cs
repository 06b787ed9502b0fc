using Microsoft.AspNetCore.Http.Features;

namespace MLEvents.Local.Host.InProcess;

/// <summary>An ASP.NET Core app of this process that can be called without a connection. Thread-safe.</summary>
internal sealed class InProcessApp : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<IFeatureCollection, Task>? _process;
    private int _calls;

    /// <summary>Cancelled when the app stops and does not wait for its calls any longer.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Accepts calls from now on.</summary>
    /// <param name="process">Handles a request.</param>
    public void Open(Func<IFeatureCollection, Task> process)
    {
        lock (_gate)
        {
            _process = process;
        }
    }

    /// <summary>Begins a call. The caller calls <see cref="End"/> when the returned function has completed.</summary>
    /// <returns>The function that handles the request; null if the app has not started or is stopping.</returns>
    public Func<IFeatureCollection, Task>? TryBegin()
    {
        lock (_gate)
        {
            _calls += _process is null ? 0 : 1;
            return _process;
        }
    }

    /// <summary>Ends a call.</summary>
    public void End()
    {
        lock (_gate)
        {
            _calls--;
            CompleteIfDrained();
        }
    }

    /// <summary>Accepts no further calls, and waits for the calls in flight. When the token is cancelled, it aborts them.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _process = null;
            CompleteIfDrained();
        }

        await using var abort = cancellationToken.UnsafeRegister(app => ((InProcessApp?)app)?._aborted.Cancel(), this);
        await _drained.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _aborted.Dispose();

    private void CompleteIfDrained()
    {
        if (_process is null && _calls == 0)
        {
            _drained.TrySetResult();
        }
    }
}
