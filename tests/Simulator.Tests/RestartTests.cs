using System.Net;
using System.Text.Json.Nodes;
using MLEvents.Tests.Common;
using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>A simulator with a data file ends, and another goes on from it.</summary>
public sealed class RestartTests : IDisposable
{
    private const string Job = Workspace + "/jobs/retrain-1";
    private const string Endpoint = Workspace + "/onlineEndpoints/churn";
    private const string Blue = Endpoint + "/deployments/blue";
    private const string Later = "01:00:00";

    private readonly TempFolder _folder = new();

    private string DataFile => Path.Combine(_folder.Path, "simulator.journal");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_data_file_a_restart_forgets()
    {
        await using (var simulator = await RunningSimulator.StartAsync())
        {
            await simulator.PostAsync("/simulate/model", """{"name":"churn"}""");
        }

        await using var again = await RunningSimulator.StartAsync();

        Assert.Empty((await again.ReadAsync("/state"))["models"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task All_resources_are_the_same_and_in_the_same_order()
    {
        JsonNode before;
        await using (var simulator = await StartAsync())
        {
            await FillAsync(simulator);
            before = await simulator.ReadAsync("/state");
        }

        await using var again = await StartAsync();
        var after = await again.ReadAsync("/state");

        foreach (var kind in new[] { "jobs", "models", "endpoints", "deployments", "factoryRuns" })
        {
            Assert.NotEmpty(before[kind]?.AsArray() ?? []);
            Assert.Equal(before[kind]?.ToJsonString(), after[kind]?.ToJsonString());
        }
    }

    [Fact]
    public async Task A_name_stays_taken_by_the_same_content()
    {
        await using (var simulator = await StartAsync())
        {
            await simulator.PutAsync(Job, Bodies.Job);
        }

        await using var again = await StartAsync();
        using var same = await again.PutAsync(Job, Bodies.Job);
        using var other = await again.PutAsync(Job, """{"properties":{"jobType":"Pipeline"}}""");

        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Fact]
    public async Task What_was_deleted_stays_deleted()
    {
        await using (var simulator = await StartAsync())
        {
            await FillAsync(simulator);
            await simulator.DeleteAsync(Endpoint);
            await simulator.UntilAsync("/state", state => state["endpoints"]?.AsArray().Count == 0);
        }

        await using var again = await StartAsync();
        using var gone = await again.GetAsync(Blue);

        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_job_half_way_a_run_and_an_endpoint_go_on_to_their_end()
    {
        string? status;
        await using (var simulator = await StartAsync(("Clock:Finalizing", Later), ("Clock:FactoryRun", Later), ("Clock:Endpoint", Later)))
        {
            await simulator.PutAsync(Job, Bodies.Job);
            await simulator.PostAsync(Factory + "/pipelines/retrain/createRun");
            using var put = await simulator.PutAsync(Endpoint, Bodies.Endpoint);
            status = new Uri(put.Headers.GetValues("Azure-AsyncOperation").Single()).PathAndQuery;
            await simulator.UntilAsync(Job, found => Status(found) == "Finalizing");
        }

        await using var again = await StartAsync();

        await again.UntilAsync(Job, found => Status(found) == "Completed");
        await again.UntilAsync(status, found => (string?)found["status"] == "Succeeded");
        await again.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await again.UntilAsync("/state", state => (string?)state["factoryRuns"]?[0]?["status"] == "Succeeded");
    }

    [Fact]
    public async Task A_deployment_under_way_and_a_cancellation_go_on_to_their_end()
    {
        await using (var simulator = await StartAsync(("Clock:Deployment", Later), ("Clock:Running", Later)))
        {
            await simulator.PostAsync("/simulate/model", """{"name":"churn"}""");
            await simulator.PutAsync(Endpoint, Bodies.Endpoint);
            await simulator.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
            await simulator.PutAsync(Blue, Bodies.Deployment());
            await simulator.PutAsync(Job, Bodies.Job);
        }

        await using (var simulator = await StartAsync(("Clock:Endpoint", Later), ("Clock:Running", Later)))
        {
            await simulator.UntilAsync(Blue, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
            using var cancelled = await simulator.PostAsync(Job + "/cancel");
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        }

        await using var again = await StartAsync();

        await again.UntilAsync(Job, found => Status(found) == "Canceled");
    }

    [Fact]
    public async Task A_deployment_is_announced_once_though_its_traffic_is_set_again()
    {
        await using var webhook = await FakeWebhook.StartAsync();
        await using (var simulator = await StartAsync())
        {
            await webhook.SubscribeAsync(simulator);
            await FillAsync(simulator);
            await webhook.UntilAsync(events => events.Exists(found => found.Type == "ModelDeployed"));
        }

        await using var again = await StartAsync();
        await again.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await again.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await again.PostAsync("/simulate/drift", "{}");
        await webhook.UntilAsync(events => events.Exists(found => found.Type == "DatasetDriftDetected"));

        Assert.Single(webhook.Events.Where(found => found.Type == "ModelDeployed").Select(found => (string?)found.Body["id"]).Distinct());
    }

    private static string? Status(JsonNode job) => (string?)job["properties"]?["status"];

    private static async Task FillAsync(RunningSimulator simulator)
    {
        await simulator.PutAsync(Job, Bodies.Job);
        await simulator.UntilAsync(Job, found => Status(found) == "Completed");
        await simulator.PostAsync("/simulate/model", """{"name":"another"}""");
        await simulator.PutAsync(Endpoint, Bodies.Endpoint);
        await simulator.PutAsync(Blue, Bodies.Deployment());
        await simulator.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await simulator.UntilAsync(Blue, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue":100}"""));
        await simulator.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await simulator.PostAsync(Factory + "/pipelines/retrain/createRun", """{"mlevents_action":"a-1"}""");
        await simulator.UntilAsync("/state", state => (string?)state["factoryRuns"]?[0]?["status"] == "Succeeded");
    }

    private Task<RunningSimulator> StartAsync(params (string Key, string Value)[] settings) => RunningSimulator.StartAsync([("DataFile", DataFile), .. settings]);
}
