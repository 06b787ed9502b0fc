using System.Text.Json;

namespace MLEvents.Local.Host;

/// <summary>Writes the result of the scenario as JSON, for scripts.</summary>
internal static class Report
{
    public static async Task WriteAsync(string? file, ScenarioOutcome outcome, IEnumerable<(string Name, int Port)> ports, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return;
        }

        var report = new ScenarioReport(
            outcome.IsComplete,
            Seconds(outcome.Elapsed),
            outcome.CorrelationId,
            [.. outcome.Steps.Select(step => new ReportedStep(step.Name, Seconds(step.After), step.Subject))],
            outcome.Missing,
            outcome.Storm,
            Environment.ProcessId,
            Environment.WorkingSet,
            [.. ports.Select(port => new ReportedPort(port.Name, port.Port))]);
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, report, HostJson.Default.ScenarioReport, cancellationToken);
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}

/// <summary>The content of the report.</summary>
/// <param name="Closed">Whether no step is missing.</param>
/// <param name="Seconds">The duration of the scenario in seconds.</param>
/// <param name="CorrelationId">The correlation id of the chain.</param>
/// <param name="Steps">The completed steps, in order.</param>
/// <param name="Missing">The names of the missing steps.</param>
/// <param name="Storm">The result of a storm; null in other scenarios.</param>
/// <param name="ProcessId">The id of the host's process.</param>
/// <param name="WorkingSetBytes">The resident memory of the process at the end of the scenario, in bytes.</param>
/// <param name="Ports">The ports of the environment.</param>
internal sealed record ScenarioReport(
    bool Closed,
    double Seconds,
    string CorrelationId,
    IReadOnlyList<ReportedStep> Steps,
    IReadOnlyList<string> Missing,
    StormResult? Storm,
    int ProcessId,
    long WorkingSetBytes,
    IReadOnlyList<ReportedPort> Ports);

/// <summary>A completed step of the report.</summary>
/// <param name="Name">The step.</param>
/// <param name="Seconds">The time since the start of the scenario, in seconds.</param>
/// <param name="Subject">The subject of the timeline's entry.</param>
internal sealed record ReportedStep(string Name, double Seconds, string Subject);

/// <summary>A port of the report.</summary>
/// <param name="Name">The listener.</param>
/// <param name="Port">The port.</param>
internal sealed record ReportedPort(string Name, int Port);
