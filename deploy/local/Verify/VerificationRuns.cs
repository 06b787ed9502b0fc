using System.Text.Json;

namespace MLEvents.Local.Verify;

/// <summary>Runs the verification with consecutive seeds and prints the reports. It stops after the first run that fails.</summary>
/// <param name="options">The options of the first run. Each further run has the next seed.</param>
/// <param name="runs">The number of runs.</param>
/// <param name="output">Receives the reports.</param>
/// <param name="error">Receives progress and failures.</param>
/// <param name="run">Runs the verification once; null for <see cref="Experiment.RunAsync"/>.</param>
internal sealed class VerificationRuns(
    VerificationOptions options, int runs, TextWriter output, TextWriter error, Func<VerificationOptions, Action<string>, CancellationToken, Task<VerificationReport>>? run = null)
{
    private readonly Lock _lock = new();

    /// <summary>Runs the verification.</summary>
    /// <param name="json">Whether the reports are printed as JSON at the end, also if a run could not complete. Otherwise, each report is printed as a table.</param>
    /// <param name="cancellationToken">Stops the run and ends its processes.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        var reports = new List<VerificationReport>();
        try
        {
            while (reports.Count < runs && reports.TrueForAll(report => report.Passed))
            {
                var report = await RunOnceAsync(options with { Seed = options.Seed + reports.Count }, cancellationToken);
                reports.Add(report);
                await (json ? Task.CompletedTask : VerificationTable.WriteAsync(output, report));
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // A call that times out throws OperationCanceledException. Without this message, the program would end without an explanation.
            await error.WriteLineAsync($"The verification stopped: {exception.Message.TrimEnd('.')}. The logs are in {Path.Combine(options.Folder, "logs")}.");
            return ExitCodes.Incomplete;
        }
        finally
        {
            if (json)
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(reports, JsonSerializerOptions.Web));
            }
        }

        return reports.TrueForAll(report => report.Passed) ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private Task<VerificationReport> RunOnceAsync(VerificationOptions one, CancellationToken cancellationToken)
    {
        Report($"seed {one.Seed}: {one.Events} {(one.Kind == WorkloadKind.Rollouts ? "models" : "events")}, {one.Kills} kills");
        return (run ?? Experiment.RunAsync)(one, Report, cancellationToken);
    }

    // Faults overlap, so lines come from several threads.
    private void Report(string line)
    {
        lock (_lock)
        {
            error.WriteLine(line);
        }
    }
}
