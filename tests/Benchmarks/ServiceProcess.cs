using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>A measured program in a separate process: a service, a sidecar or a system of the comparison. Disposing of this object kills the process.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly int _port;

    public ServiceProcess(string name, ProcessStartInfo start, int port)
    {
        (Name, _port) = (name, port);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"The {name} did not start.");
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>Resident memory and processor time so far.</summary>
    public Usage Usage
    {
        get
        {
            _process.Refresh();
            return new Usage(_process.WorkingSet64, _process.TotalProcessorTime);
        }
    }

    /// <summary>Bytes that the process has passed to <c>write</c> and similar calls, without sockets. Linux only (<c>wchar</c> in <c>/proc/PID/io</c>).</summary>
    public long WrittenBytes => ReadCounter("wchar");

    /// <summary>Bytes that the process has got from <c>read</c> and similar calls, without sockets; the page cache is included. Linux only (<c>rchar</c> in <c>/proc/PID/io</c>).</summary>
    public long ReadBytes => ReadCounter("rchar");

    public Task WaitUntilListeningAsync(CancellationToken cancellationToken) =>
        Poll.UntilAsync(ListensAsync, listens => listens, cancellationToken);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private long ReadCounter(string name) => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/io").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);

    private async Task<bool> ListensAsync(CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The {Name} ended: {string.Join('\n', _output)}");
        }

        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            // The service does not listen yet. The caller tries again.
            return false;
        }
    }
}

/// <summary>The memory and processor time of a process.</summary>
/// <param name="ResidentBytes">Resident memory now.</param>
/// <param name="Processor">Processor time since the start of the process.</param>
internal sealed record Usage(long ResidentBytes, TimeSpan Processor);
