using System.Globalization;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

/// <summary>Runs the verification with fewer events and kills.</summary>
public sealed class ShortVerificationTests
{
    [Fact]
    public Task No_action_is_lost_or_duplicated_while_processes_are_killed() => VerifyAsync(WorkloadKind.Actions, events: 2_000, kills: 12);

    [Fact]
    public Task Roll_outs_follow_their_rules_while_processes_are_killed() => VerifyAsync(WorkloadKind.Rollouts, events: 3, kills: 10);

    [Fact]
    public Task A_storm_exceeds_no_limit_and_loses_no_event_while_processes_are_killed() => VerifyAsync(WorkloadKind.Storm, events: 100, kills: 10);

    [Fact]
    public async Task No_action_is_lost_or_duplicated_while_Redis_and_sidecars_with_the_command_line_of_daprd_are_killed()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        using var components = new TempFolder();
        foreach (var file in Directory.GetFiles(Repository.PathOf("components", "redis"), "*.yaml"))
        {
            File.Copy(file, Path.Combine(components.Path, Path.GetFileName(file)));
        }

        // The embedded sidecar supports Redis as a state store, but not as a broker.
        File.Copy(Repository.PathOf("components", "embedded", "pubsub.yaml"), Path.Combine(components.Path, "pubsub.yaml"), overwrite: true);

        await VerifyAsync(WorkloadKind.Actions, events: 150, kills: 6, options => options with { Daprd = Path.Combine(AppContext.BaseDirectory, "MLEvents.Local.Sidecar"), Components = components.Path });
    }

    private static async Task VerifyAsync(WorkloadKind kind, int events, int kills, Func<VerificationOptions, VerificationOptions>? change = null)
    {
        var seed = Environment.GetEnvironmentVariable("CHAOS_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next(1, 1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"CHAOS_SEED={seed} repeats the schedule of faults");
        using var folder = new TempFolder();
        var options = new VerificationOptions(seed, events, kills, TimeSpan.FromSeconds(2), Replicas: 1, Path.Combine(folder.Path, "verify"), TimeSpan.FromMinutes(2)) { Kind = kind };

        var report = await Experiment.RunAsync(change?.Invoke(options) ?? options, line => TestContext.Current.TestOutputHelper?.WriteLine(line), TestContext.Current.CancellationToken);

        Assert.True(report.Kills >= kills - 2, $"only {report.Kills} kills");
        Assert.All(report.Rows, row => Assert.True(row.Passed, $"seed {seed}: {row}"));
    }
}
