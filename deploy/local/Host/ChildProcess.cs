using System.Diagnostics;
using System.Globalization;

namespace MLEvents.Local.Host;

/// <summary>A child process that can be killed and started again.</summary>
internal sealed class ChildProcess(string name, Func<ProcessStartInfo> start, string logFile) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _lines = new();
    private Process? _process;

    public string Name => name;

    /// <summary>The resident memory in bytes; 0 if the process is not running.</summary>
    public long Resident
    {
        get
        {
            lock (_gate)
            {
                _process?.Refresh();
                return _process is { HasExited: false } ? _process.WorkingSet64 : 0;
            }
        }
    }

    /// <summary>Starts the process. It must not be running.</summary>
    public void Start()
    {
        lock (_gate)
        {
            var info = start();
            (info.RedirectStandardOutput, info.RedirectStandardError) = (true, true);
            _process = Process.Start(info) ?? throw new InvalidOperationException($"The process '{name}' did not start: {info.FileName}.");
            _process.OutputDataReceived += (_, line) => Write(line.Data);
            _process.ErrorDataReceived += (_, line) => Write(line.Data);
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
    }

    /// <summary>Kills the process (SIGKILL). The process cannot finish its work.</summary>
    public void Kill()
    {
        using var process = TakeProcess();
        process?.Kill();
        process?.WaitForExit();
    }

    /// <summary>Asks the process to stop (SIGTERM).</summary>
    /// <returns>True if the process stopped within the limit or was not running. False if it was killed, because the limit passed or the wait was cancelled.</returns>
    public async Task<bool> TryStopAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var process = TakeProcess();
        if (process is null)
        {
            return true;
        }

        using (process)
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            using var term = process.HasExited ? null : Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            limit.CancelAfter(within);
            await process.WaitForExitAsync(limit.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            var stopped = process.HasExited;
            process.Kill();
            return stopped;
        }
    }

    /// <summary>Whether the process ended without a stop request, which is an error.</summary>
    public bool HasEndedUnexpectedly
    {
        get
        {
            lock (_gate)
            {
                return _process?.HasExited is true;
            }
        }
    }

    public void Dispose() => Kill();

    private Process? TakeProcess()
    {
        lock (_gate)
        {
            var process = _process;
            _process = null;
            return process;
        }
    }

    private void Write(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            File.AppendAllLines(logFile, [line]);
        }
    }
}
