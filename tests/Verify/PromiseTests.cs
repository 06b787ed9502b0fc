using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

/// <summary>The short form of the verification.</summary>
public sealed class PromiseTests
{
    [Fact]
    public async Task No_action_is_lost_or_duplicated_while_processes_are_killed()
    {
        var seed = Environment.GetEnvironmentVariable("CHAOS_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next(1, 1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"CHAOS_SEED={seed} repeats the schedule of faults");
        using var folder = new TempFolder();
        var options = new VerificationOptions(seed, Events: 2_000, Kills: 12, TimeSpan.FromSeconds(2), Replicas: 1, Path.Combine(folder.Path, "verify"), TimeSpan.FromMinutes(2));

        var report = await Experiment.RunAsync(options, line => TestContext.Current.TestOutputHelper?.WriteLine(line), TestContext.Current.CancellationToken);

        Assert.True(report.Kills >= 10, $"only {report.Kills} kills");
        Assert.All(report.Rows, row => Assert.True(row.Passed, $"seed {seed}: {row}"));
    }
}
