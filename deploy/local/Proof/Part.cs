using System.Diagnostics;

namespace MLEvents.Local.Proof;

/// <summary>A process of the system, which can be killed and started again.</summary>
internal sealed class Part(string name, Func<ProcessStartInfo> start, string logFile) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _lines = new();
    private Process? _process;

    public string Name => name;

    /// <summary>Starts the process, which must not run.</summary>
    public void Start()
    {
        lock (_gate)
        {
            var info = start();
            (info.RedirectStandardOutput, info.RedirectStandardError) = (true, true);
            _process = Process.Start(info) ?? throw new InvalidOperationException($"The {name} did not start.");
            _process.OutputDataReceived += (_, line) => Write(line.Data);
            _process.ErrorDataReceived += (_, line) => Write(line.Data);
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
    }

    /// <summary>Kills the process (SIGKILL), as a crash would.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _process?.Kill();
            _process?.WaitForExit();
            _process?.Dispose();
            _process = null;
        }
    }

    /// <summary>Whether the process has ended by itself: it must not, whatever happens around it.</summary>
    public bool HasDied
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
