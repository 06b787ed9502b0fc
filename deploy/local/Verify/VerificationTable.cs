using System.Globalization;

namespace MLEvents.Local.Verify;

/// <summary>Prints the report of a verification as a table.</summary>
internal static class VerificationTable
{
    public static async Task WriteAsync(TextWriter output, VerificationReport report)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"seed {report.Seed}: {report.Events} events in {report.Deliveries} deliveries, {report.Repeats} requests repeated, {report.Kills} kills, disk {(report.DiskFilled ? "filled once" : "not filled (requires root on Linux)")}, {report.Duration.TotalSeconds:F0} s"));
        await output.WriteLineAsync($"  {"",-20}{"expected",10}{"done",8}{"lost",8}{"duplicates",12}{"reported",10}");
        foreach (var row in report.Rows)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {row.Kind,-20}{row.Expected,10}{row.Done,8}{row.Lost,8}{row.Duplicates,12}{row.Reported,10}"));
        }

        await output.WriteLineAsync(report.Passed ? "passed" : $"FAILED; the logs are in {Path.Combine(report.Folder, "logs")}; --seed {report.Seed} repeats the schedule of faults");
    }
}
