using System.Text.Json;

namespace MLEvents.Local.Host;

/// <summary>Writes the result of the scenario as JSON, for scripts.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task WriteAsync(string? file, ScenarioOutcome outcome, IEnumerable<(string Name, int Port)> ports, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return;
        }

        var report = new
        {
            closed = outcome.IsComplete,
            seconds = Math.Round(outcome.Elapsed.TotalSeconds, 3),
            outcome.CorrelationId,
            steps = outcome.Steps.Select(step => new { step.Name, seconds = Math.Round(step.After.TotalSeconds, 3), step.Subject }),
            outcome.Missing,
            outcome.Storm,
            processId = Environment.ProcessId,
            workingSetBytes = Environment.WorkingSet,
            ports = ports.Select(port => new { port.Name, port.Port }),
        };
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, report, Indented, cancellationToken);
    }
}
