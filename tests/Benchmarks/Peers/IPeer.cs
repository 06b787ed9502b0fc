using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>A system in the comparison: it receives events with POST, filters them, and sends a mail with a template.</summary>
internal interface IPeer
{
    /// <summary>The name in the table.</summary>
    string Name { get; }

    /// <summary>Starts the system with its files in a folder. The system accepts events when the task completes.</summary>
    Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken);
}

/// <summary>A running peer.</summary>
/// <param name="Address">The address for events.</param>
/// <param name="Processes">All processes of the peer.</param>
internal sealed record RunningPeer(Uri Address, IReadOnlyList<ServiceProcess> Processes) : IDisposable
{
    /// <summary>Resident memory of all processes, in MiB.</summary>
    public double ResidentMiB => Processes.Sum(process => process.Usage.ResidentBytes) / (1024.0 * 1024);

    /// <summary>Processor time of all processes.</summary>
    public TimeSpan Processor => TimeSpan.FromTicks(Processes.Sum(process => process.Usage.Processor.Ticks));

    /// <summary>Starts the processes of a peer, and waits until it accepts an empty batch. If a process cannot be started or the peer does not become ready, the processes that were started are killed.</summary>
    /// <param name="address">The address for events.</param>
    /// <param name="start">Adds each process when it has been started.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<RunningPeer> StartAsync(Uri address, Func<List<ServiceProcess>, Task> start, CancellationToken cancellationToken)
    {
        var processes = new List<ServiceProcess>();
        var peer = new RunningPeer(address, processes);
        try
        {
            await start(processes);
            using var http = new HttpClient();
            await Poll.UntilAsync(stop => peer.AcceptsAsync(http, stop), accepts => accepts, cancellationToken);
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    /// <summary>Starts a peer of one process; see the other overload.</summary>
    public static Task<RunningPeer> StartAsync(Uri address, Func<ServiceProcess> start, CancellationToken cancellationToken) => StartAsync(
        address,
        processes =>
        {
            processes.Add(start());
            return Task.CompletedTask;
        },
        cancellationToken);

    public void Dispose()
    {
        foreach (var process in Processes)
        {
            process.Dispose();
        }
    }

    private async Task<bool> AcceptsAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new StringContent("[]", null, "application/json");
            content.Headers.Add("aeg-event-type", "Notification");
            using var answer = await http.PostAsync(Address, content, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The peer does not listen yet.
            return false;
        }
    }
}
