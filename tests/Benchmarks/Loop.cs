using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>Measures the whole loop on this machine, from the start of the host's process to its end.</summary>
internal static class Loop
{
    private const int TargetSeconds = 20;

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"## The loop: {plan.Runs} runs of the host with `--once --report`, each with an empty data folder; target {TargetSeconds} s\n");
        var runs = new List<(double Whole, double Loop)>();
        while (runs.Count < plan.Runs)
        {
            runs.Add(await RunAsync(plan.PortBase, cancellationToken));
        }

        var table = new MarkdownTable("what", "median (min to max), s");
        table.Add("process, start to end", new Sample(runs.Select(run => run.Whole)).Spread("F1"));
        table.Add("drift to people notified, as the host reports it", new Sample(runs.Select(run => run.Loop)).Spread("F1"));
        await table.WriteAsync(output);
    }

    private static async Task<(double Whole, double Loop)> RunAsync(int portBase, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var report = Path.Combine(folder.Path, "report.json");
        var start = BuiltProgram.StartInfo("Host", "MLEvents.Local.Host",
            ["--once", "--report", report, "--data", Path.Combine(folder.Path, "data"), "--port-base", portBase.ToString(CultureInfo.InvariantCulture)]);
        var began = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The host did not start.");
        var (shown, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        var whole = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The scenario did not complete: {await shown}{await error}");
        }

        using var read = JsonDocument.Parse(await File.ReadAllBytesAsync(report, cancellationToken));
        return (whole, read.RootElement.GetProperty("seconds").GetDouble());
    }
}
