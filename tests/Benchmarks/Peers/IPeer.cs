using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>A system that does the job: POST of events, filter, mail with a template.</summary>
internal interface IPeer
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Starts it in an empty folder; it accepts events when the task completes.</summary>
    Task<RunningPeer> StartAsync(string folder, int smtpPort, CancellationToken cancellationToken);
}

/// <summary>A peer that runs.</summary>
/// <param name="Address">Where events are posted to.</param>
/// <param name="Processes">All its processes.</param>
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
            // Not listening yet.
            return false;
        }
    }
}
