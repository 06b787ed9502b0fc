using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>The system, started from its images.</summary>
[Collection(Engine.Alone)]
public sealed class SystemTests
{
    private const int Drifts = 5;

    [Fact]
    public async Task With_a_replica_of_each_subscriber_killed_nothing_is_lost_or_doubled()
    {
        await Engine.RequireAsync();
        await using var environment = new ContainerEnvironment();
        await environment.StartAsync();
        using var azure = new Azure(environment.Simulator);
        await azure.SubscribeAsync(environment.Ingress);

        for (var n = 1; n < Drifts; n++)
        {
            await azure.DriftAsync();
        }

        Assert.Equal((0, "1 event sent in 1 request"), await Drift.SendAsync(environment.Ingress));

        await Azure.UntilAsync("the first job", async () => (await azure.SubjectsAsync("job.NotStarted")).Count > 0);
        await Task.WhenAll(environment.KillReplicaAsync("notifier"), environment.KillReplicaAsync("retrainer"), environment.KillReplicaAsync("deployer"));

        await Azure.UntilAsync("five jobs completed", async () => (await azure.SubjectsAsync("job.Completed")).Distinct().Count() == Drifts);
        await Azure.UntilAsync("five mails about drift", async () => (await DriftMailsAsync(azure)).Distinct().Count() == Drifts);
        await Azure.UntilAsync("people told of a deployment", async () => (await azure.SubjectsAsync("mail.received")).Any(subject => subject.StartsWith("ModelDeployed", StringComparison.Ordinal)));

        Assert.Equal(Drifts, (await azure.SubjectsAsync("job.NotStarted")).Count);
        Assert.Equal(Drifts, (await azure.SubjectsAsync("model.registered")).Distinct().Count());

        // A mail may go out twice only if the one that sent it was killed before it could write that down.
        Assert.InRange((await DriftMailsAsync(azure)).Count, Drifts, Drifts + 1);
    }

    private static async Task<IReadOnlyList<string>> DriftMailsAsync(Azure azure) =>
        [.. (await azure.SubjectsAsync("mail.received")).Where(subject => subject.StartsWith("DatasetDriftDetected", StringComparison.Ordinal))];
}
