using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>Starts docker-compose.yml.</summary>
[Collection(Engine.Alone)]
public sealed class ComposeTests
{
    [Fact]
    public async Task The_compose_file_starts_and_one_drift_leads_to_one_deployment()
    {
        await Engine.RequireAsync();
        await using var compose = new Compose();
        await compose.StartAsync();
        using var simulator = new ContainerSimulator(5110);

        await ContainerSimulator.UntilAsync("the event subscription", async () => (await simulator.SubjectsAsync("subscription.Succeeded")).Count > 0);
        await ContainerSimulator.UntilAsync("healthy containers", async () => (await Compose.UnhealthyAsync()).Count == 0);
        Assert.Equal((0, "1 event sent in 1 request"), await Drift.SendAsync(5100));
        await ContainerSimulator.UntilAsync("the mail about the deployment", async () => (await simulator.SubjectsAsync("mail.received")).Any(subject => subject.StartsWith("ModelDeployed", StringComparison.Ordinal)));

        Assert.Single(await simulator.SubjectsAsync("job.NotStarted"));
        Assert.Single(await simulator.SubjectsAsync("deployment.succeeded"));
        Assert.Empty(await Compose.UnhealthyAsync());
    }
}
