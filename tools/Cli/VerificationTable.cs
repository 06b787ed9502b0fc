using System.Globalization;

using MLEvents.Local.Verify;

namespace MLEvents.Cli;

/// <summary>Prints an experiment's outcome for people.</summary>
internal static class VerificationTable
{
    public static async Task WriteAsync(TextWriter output, VerificationReport report)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"seed {report.Seed}: {report.Events} events in {report.Deliveries} deliveries, {report.Repeats} requests repeated, {report.Kills} kills, disk {(report.DiskFilled ? "filled once" : "not filled (takes root on Linux)")}, {report.Duration.TotalSeconds:F0} s"));
        await output.WriteLineAsync($"  {"",-18}{"expected",10}{"done",8}{"lost",8}{"doubled",9}  of these told");
        foreach (var line in report.Lines)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {line.Kind,-18}{line.Expected,10}{line.Done,8}{line.Lost,8}{line.Doubled,9}{line.Told,15}"));
        }

        await output.WriteLineAsync(report.Passed ? "the promise was kept" : $"the promise was NOT kept; the logs are in {Path.Combine(report.Folder, "logs")}, --seed {report.Seed} repeats the schedule");
    }
}
