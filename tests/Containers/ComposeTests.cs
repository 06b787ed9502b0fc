using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>docker-compose.yml, started.</summary>
[Collection(Engine.Alone)]
public sealed class ComposeTests
{
    [Fact]
    public async Task The_compose_file_starts_in_order_and_its_system_closes_the_loop_once()
    {
        await Engine.RequireAsync();
        await using var compose = new Compose();
        await compose.StartAsync();
        using var azure = new Azure(5110);

        await Azure.UntilAsync("the workspace subscribed", async () => (await azure.SubjectsAsync("subscription.Succeeded")).Count > 0);
        await Azure.UntilAsync("all healthy", async () => (await Compose.UnhealthyAsync()).Count == 0);
        Assert.Equal((0, "1 event sent in 1 request"), await Drift.SendAsync(5100));
        await Azure.UntilAsync("people told of a deployment", async () => (await azure.SubjectsAsync("mail.received")).Any(subject => subject.StartsWith("ModelDeployed", StringComparison.Ordinal)));

        Assert.Single(await azure.SubjectsAsync("job.NotStarted"));
        Assert.Single(await azure.SubjectsAsync("deployment.succeeded"));
        Assert.Empty(await Compose.UnhealthyAsync());
    }
}
