using System.Net;
using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>A simulator with a data file ends, and another simulator continues from the file.</summary>
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
    public async Task Without_a_data_file_a_restart_loses_the_state()
    {
        await using (var simulator = await RunningSimulator.StartAsync())
        {
            await simulator.PostAsync("/simulate/model", """{"name":"churn"}""");
        }

        await using var again = await RunningSimulator.StartAsync();

        Assert.Empty((await again.ReadAsync("/state"))["models"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task Only_the_owner_can_read_and_write_the_data_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes.");
        await using var simulator = await StartAsync();

        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(DataFile);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Fact]
    public async Task A_restart_restores_all_resources_in_the_same_order()
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
    public async Task A_restored_fixed_metric_applies_if_the_query_has_another_letter_case()
    {
        await using (var simulator = await StartAsync())
        {
            await FillAsync(simulator);
            await simulator.PostAsync("/simulate/scoring", """{"target":"churn/blue","metrics":{"requestlatency_p95":900}}""");
        }

        await using var again = await StartAsync();
        var metrics = await again.ReadAsync($"{Endpoint}/providers/microsoft.insights/metrics?api-version=2023-10-01&metricnames=RequestLatency_P95&$filter=deployment eq 'blue'");

        Assert.Equal(900, (double?)metrics["value"]?[0]?["timeseries"]?[0]?["data"]?[0]?["average"]);
    }

    [Fact]
    public async Task The_list_of_endpoint_changes_is_restored_and_continued()
    {
        await using (var simulator = await StartAsync())
        {
            await FillAsync(simulator);
        }

        await using var again = await StartAsync();
        foreach (var traffic in (string[])["""{"blue":100}""", "{}"])
        {
            using var put = await again.PutAsync(Endpoint, Bodies.Traffic(traffic));
            await again.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        }

        using var delete = await again.DeleteAsync(Blue);
        var seen = await again.UntilAsync("/endpoint-changes", changes => changes.AsArray().Count == 4);

        Assert.Equal(
            ["1 created churn/blue churn:1 {}", """2 traffic churn/  {"blue":100}""", "3 traffic churn/  {}", "4 deleted churn/blue churn:1 {}"],
            seen.AsArray().Select(change => $"{change?["number"]} {change?["kind"]} {change?["endpoint"]}/{change?["deployment"]} {change?["model"]} {change?["traffic"]?.ToJsonString()}"));
    }

    [Fact]
    public async Task After_a_restart_the_name_of_a_job_is_refused_for_other_content()
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
    public async Task Deleted_resources_stay_deleted_after_a_restart()
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
    public async Task An_unfinished_job_an_unfinished_factory_run_and_an_unfinished_endpoint_complete_after_a_restart()
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
    public async Task An_unfinished_deployment_and_an_unfinished_cancellation_complete_after_a_restart()
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
    public async Task ModelDeployed_is_raised_once_although_the_traffic_is_set_again_after_a_restart()
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

    [Fact]
    public async Task ModelDeployed_is_not_raised_again_for_blue2_after_blue_is_deleted()
    {
        await using var webhook = await FakeWebhook.StartAsync();
        await using var simulator = await StartAsync();
        await webhook.SubscribeAsync(simulator);
        await FillAsync(simulator);
        await simulator.PutAsync(Blue + "2", Bodies.Deployment());
        await simulator.UntilAsync(Blue + "2", found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue2":100}"""));
        await simulator.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");

        await simulator.DeleteAsync(Blue);
        await simulator.UntilAsync("/endpoint-changes", changes => changes.AsArray().Any(change => (string?)change?["kind"] == "deleted"));
        await simulator.PutAsync(Endpoint, Bodies.Traffic("""{"blue2":100}"""));
        await simulator.UntilAsync(Endpoint, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await simulator.PostAsync("/simulate/drift", "{}");
        await webhook.UntilAsync(events => events.Exists(found => found.Type == "DatasetDriftDetected"));

        Assert.Equal(2, webhook.Events.Where(found => found.Type == "ModelDeployed").Select(found => (string?)found.Body["id"]).Distinct().Count());
    }

    [Fact]
    public async Task An_unfinished_handshake_is_repeated_after_a_restart_and_events_are_delivered()
    {
        await using var webhook = await FakeWebhook.StartAsync();
        var (asked, silence) = (new TaskCompletionSource(), new TaskCompletionSource());
        var echo = webhook.OnValidation;
        webhook.OnValidation = (_, _) =>
        {
            asked.TrySetResult();
            return silence.Task;
        };
        const string subscription = Workspace + "/providers/Microsoft.EventGrid/eventSubscriptions/test-hook";
        await using (var simulator = await StartAsync())
        {
            await simulator.PutAsync(subscription, Bodies.Subscription(webhook.Address));
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }

        silence.SetResult();
        webhook.OnValidation = echo;
        await using var again = await StartAsync();
        await again.UntilAsync(subscription, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
        await again.PostAsync("/simulate/drift", "{}");

        await webhook.UntilAsync(events => events.Exists(found => found.Type == "DatasetDriftDetected"));
    }

    [Fact]
    public async Task An_unfinished_monitor_job_fails_with_its_signal_after_a_restart()
    {
        await using (var simulator = await StartAsync(("Clock:Running", Later)))
        {
            await simulator.PostAsync("/simulate/monitor-breach", """{"monitor":"churn-monitor"}""");
        }

        await using var again = await StartAsync();
        var state = await again.UntilAsync("/state", found => (string?)found["jobs"]?[0]?["properties"]?["status"] == "Failed");

        Assert.NotNull(state["jobs"]?[0]?["properties"]?["tags"]?["azureml_modelmonitor_threshold_breached"]);
    }

    [Fact]
    public async Task An_unfinished_batch_endpoint_is_created_after_a_restart()
    {
        const string batch = Workspace + "/batchEndpoints/scores";
        await using (var simulator = await StartAsync(("Clock:Endpoint", Later)))
        {
            await simulator.PutAsync(batch, """{"location":"westeurope","properties":{"authMode":"AADToken"}}""");
        }

        await using var again = await StartAsync();

        await again.UntilAsync(batch, found => (string?)found["properties"]?["provisioningState"] == "Succeeded");
    }

    [Fact]
    public async Task Live_traffic_continues_after_a_restart()
    {
        await using (var simulator = await StartAsync())
        {
            await FillAsync(simulator);
            await simulator.PostAsync("/simulate/traffic", """{"endpoint":"churn","requestsPerMinute":60000}""");
        }

        await using var again = await StartAsync();

        await again.UntilAsync(
            $"{Endpoint}/providers/microsoft.insights/metrics?api-version=2023-10-01&metricnames=RequestsPerMinute&aggregation=Total",
            metrics => metrics["value"]?[0]?["timeseries"]?.AsArray() is [var series] && series?["data"]?.AsArray() is [var point, ..] && (double?)point?["total"] > 0);
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
