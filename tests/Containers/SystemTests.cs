using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>Starts the services, except the dashboard, from their images.</summary>
[Collection(Engine.Alone)]
public sealed class SystemTests
{
    private const int Drifts = 5;

    [Fact]
    public async Task When_a_replica_of_each_subscriber_is_killed_nothing_is_lost_and_no_job_is_duplicated()
    {
        await Engine.RequireAsync();
        await using var environment = new ContainerEnvironment();
        await environment.StartAsync();
        using var simulator = new ContainerSimulator(environment.Simulator);
        await simulator.SubscribeAsync(environment.Ingress);

        for (var n = 1; n < Drifts; n++)
        {
            await simulator.DriftAsync();
        }

        Assert.Equal((0, "1 event sent in 1 request"), await Drift.SendAsync(environment.Ingress));

        await ContainerSimulator.UntilAsync("the first job", async () => (await simulator.SubjectsAsync("job.NotStarted")).Count > 0);
        await Task.WhenAll(environment.KillReplicaAsync("notifier"), environment.KillReplicaAsync("retrainer"), environment.KillReplicaAsync("deployer"));

        await ContainerSimulator.UntilAsync("five jobs completed", async () => (await simulator.SubjectsAsync("job.Completed")).Distinct().Count() == Drifts);
        await ContainerSimulator.UntilAsync("five mails about drift", async () => (await DriftMailsAsync(simulator)).Distinct().Count() == Drifts);
        await ContainerSimulator.UntilAsync("the mail about the deployment", async () => (await simulator.SubjectsAsync("mail.received")).Any(subject => subject.StartsWith("ModelDeployed", StringComparison.Ordinal)));

        Assert.Equal(Drifts, (await simulator.SubjectsAsync("job.NotStarted")).Count);
        Assert.Equal(Drifts, (await simulator.SubjectsAsync("model.registered")).Distinct().Count());

        // A mail is sent twice only if a replica was killed after it sent the mail and before it recorded the delivery. This can happen to several mails, but to each of them only once.
        Assert.All((await DriftMailsAsync(simulator)).CountBy(subject => subject), mails => Assert.InRange(mails.Value, 1, 2));
    }

    private static async Task<IReadOnlyList<string>> DriftMailsAsync(ContainerSimulator simulator) =>
        [.. (await simulator.SubjectsAsync("mail.received")).Where(subject => subject.StartsWith("DatasetDriftDetected", StringComparison.Ordinal))];
}
