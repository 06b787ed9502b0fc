using System.Text.Json.Nodes;

using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>The system, started from its images.</summary>
public sealed class SystemTests
{
    private const int Drifts = 5;

    [Fact]
    public async Task With_a_replica_of_each_subscriber_killed_nothing_is_lost_or_doubled()
    {
        await Engine.RequireAsync();
        await using var city = new City();
        await city.StartAsync();
        using var azure = new Azure(city.Simulator);
        await azure.SubscribeAsync(city.Ingress);

        for (var n = 0; n < Drifts; n++)
        {
            await azure.DriftAsync();
        }

        await Azure.UntilAsync("the first job", async () => (await azure.SubjectsAsync("job.NotStarted")).Count > 0);
        await Task.WhenAll(city.KillReplicaAsync("notifier"), city.KillReplicaAsync("retrainer"), city.KillReplicaAsync("deployer"));

        await Azure.UntilAsync("five jobs completed", async () => (await azure.SubjectsAsync("job.Completed")).Distinct().Count() == Drifts);
        await Azure.UntilAsync("five mails about drift", async () => (await DriftMailsAsync(azure)).Distinct().Count() == Drifts);
        await Azure.UntilAsync("people told of a deployment", async () => (await azure.SubjectsAsync("mail.received")).Any(subject => subject.StartsWith("ModelDeployed", StringComparison.Ordinal)));

        Assert.Equal(Drifts, (await azure.SubjectsAsync("job.NotStarted")).Count);
        Assert.Equal(Drifts, (await azure.SubjectsAsync("model.registered")).Distinct().Count());

        // A mail may go out twice only if the one that sent it was killed before it could write that down.
        Assert.InRange((await DriftMailsAsync(azure)).Count, Drifts, Drifts + 1);
    }

    [Fact]
    public async Task Seen_from_the_kernel_a_container_has_no_root_no_capability_and_no_file_system_to_write_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The kernel is asked through /proc.");
        await Engine.RequireAsync();
        await using var city = new City();
        await city.StartAsync();

        foreach (var container in city.All)
        {
            var process = (int?)JsonNode.Parse(await Engine.TryAsync("inspect", container.Id) ?? "[]")?[0]?["State"]?["Pid"];
            var status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
            var mounts = await File.ReadAllLinesAsync($"/proc/{process}/mounts", TestContext.Current.CancellationToken);

            Assert.Contains("Uid:\t1654\t1654\t1654\t1654", status);
            Assert.Contains("CapEff:\t0000000000000000", status);
            Assert.Contains("NoNewPrivs:\t1", status);
            Assert.Contains(mounts, mount => mount.Split(' ') is [_, "/", _, var options, ..] && options.Split(',').Contains("ro"));
        }
    }

    private static async Task<IReadOnlyList<string>> DriftMailsAsync(Azure azure) =>
        [.. (await azure.SubjectsAsync("mail.received")).Where(subject => subject.StartsWith("DatasetDriftDetected", StringComparison.Ordinal))];
}
