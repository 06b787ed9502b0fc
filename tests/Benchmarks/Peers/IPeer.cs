using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>A system in the comparison: it receives events with POST, filters them, and sends a mail with a template.</summary>
internal interface IPeer
{
    /// <summary>The name in the table.</summary>
    string Name { get; }

    /// <summary>Starts the system in an empty folder. It accepts events when the task completes.</summary>
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

    /// <summary>Waits until an empty batch is accepted.</summary>
    public async Task<RunningPeer> ReadyAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        await Poll.UntilAsync(stop => AcceptsAsync(http, stop), accepts => accepts, cancellationToken);
        return this;
    }

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
