using System.Diagnostics;
using System.Text.Json;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>
/// Measures how long a dashboard with a full history needs for its first page after a start.
/// Each run starts a new process, because a process compiles code when it handles its first request.
/// </summary>
internal static class HistoryFirstPage
{
    public static async Task RunAsync(Plan plan, string file, TextWriter output, CancellationToken cancellationToken)
    {
        await ServicePrograms.PublishAsync(["Dashboard"], cancellationToken);
        var runs = new List<(double Ready, double First, double Second, double Resident)>();
        while (runs.Count < plan.Runs)
        {
            runs.Add(await RunAsync(file, cancellationToken));
        }

        var table = new MarkdownTable($"{plan.Runs} new processes with this history", "median (min to max)");
        table.Add("start to the end of the warm-up, s", new Sample(runs.Select(run => run.Ready)).Spread("F1"));
        table.Add("first request of *Now*, ms", new Sample(runs.Select(run => run.First)).Spread("F0"));
        table.Add("second request of *Now*, ms", new Sample(runs.Select(run => run.Second)).Spread("F0"));
        table.Add("resident after both requests, MiB", new Sample(runs.Select(run => run.Resident)).Spread("F0"));
        await table.WriteAsync(output);
    }

    private static async Task<(double Ready, double First, double Second, double Resident)> RunAsync(string file, CancellationToken cancellationToken)
    {
        var ports = new ServicePorts(FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next());
        var program = ServicePrograms.Service("Dashboard", ports);
        program.ArgumentList.Add($"--History:File={file}");
        program.Environment["History__PostgreSql"] = Environment.GetEnvironmentVariable("MLEVENTS_HISTORY_POSTGRESQL");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports.Service}") };
        var began = Stopwatch.GetTimestamp();
        using var process = new ServiceProcess("Dashboard", program, ports.Service);
        await process.WaitUntilListeningAsync(cancellationToken);
        await Poll.UntilAsync(token => IsWarmAsync(http, token), warm => warm, cancellationToken);
        var ready = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (ready, await RequestAsync(http, cancellationToken), await RequestAsync(http, cancellationToken), process.Usage.ResidentBytes / (1024.0 * 1024));
    }

    // Reads only the health check of the pages. The process has no sidecar, so the service as a whole never becomes healthy.
    private static async Task<bool> IsWarmAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
        using var report = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return report.RootElement.GetProperty("checks").GetProperty("pages").GetProperty("status").GetString() == "Healthy";
    }

    private static async Task<double> RequestAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await http.GetStringAsync(new Uri("/", UriKind.Relative), cancellationToken);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
