using System.Net;
using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class FaultTests
{
    private const string Job = Workspace + "/jobs/retrain-1";

    [Fact]
    public async Task The_answer_429_of_a_fault_has_Retry_After_and_the_fault_ends_after_its_count()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"Jobs_CreateOrUpdate","status":429,"retryAfterSeconds":7,"count":1}""");

        using var refused = await simulator.PutAsync(Job, Bodies.Job);
        using var done = await simulator.PutAsync(Job, Bodies.Job);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter?.Delta);
        Assert.Equal("TooManyRequests", (string?)(await refused.JsonAsync())["error"]?["code"]);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
    }

    [Fact]
    public async Task The_README_names_every_operation_and_no_other()
    {
        await using var simulator = await StartAsync();

        using var refused = await simulator.PostAsync("/faults", """{"operation":"Unknown_Operation","status":500}""");
        var known = (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("expected one of: ")[1].Split('.')[0].Split(", ").Where(name => name.Contains('_', StringComparison.Ordinal));
        var named = Regex.Matches(await File.ReadAllTextAsync(Repository.PathOf("deploy", "local", "Simulator", "README.md"), TestContext.Current.CancellationToken), "`([A-Z][A-Za-z]+_[A-Z][A-Za-z]+)`").Select(match => match.Groups[1].Value);

        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), named.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_fault_after_the_operation_does_not_undo_it()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"*","status":500,"when":"after","count":1}""");

        using var failed = await simulator.PutAsync(Job, Bodies.Job);
        using var again = await simulator.PutAsync(Job, Bodies.Job);
        var calls = await simulator.ReadAsync("/calls");

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, (int?)calls["operations"]?["Jobs_CreateOrUpdate"]?["changedState"]);
        Assert.Equal(1, (int?)calls["operations"]?["Jobs_CreateOrUpdate"]?["faulted"]);
    }

    [Theory]
    [InlineData("""{"operation":"Workspaces_Get","kind":"reset","count":1}""")]
    [InlineData("""{"operation":"Workspaces_Get","kind":"timeout","delay":"20ms","count":1}""")]
    public async Task A_reset_or_timeout_fault_ends_a_call_without_an_answer(string fault)
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, fault);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => simulator.GetAsync(Workspace));
        using var next = await simulator.GetAsync(Workspace);

        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task A_caller_that_disconnects_during_a_timeout_fault_causes_no_error()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"Workspaces_Get","kind":"timeout","count":1}""");
        simulator.Client.DefaultRequestHeaders.ConnectionClose = true;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => simulator.Client.GetAsync(new Uri(Workspace + "?api-version=2024-04-01", UriKind.Relative), timeout.Token));
    }

    [Fact]
    public async Task A_delay_fault_sends_the_real_answer_late()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"Workspaces_Get","kind":"delay","delay":"100ms"}""");
        var started = TimeProvider.System.GetTimestamp();

        using var response = await simulator.GetAsync(Workspace);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(90));
    }

    [Fact]
    public async Task A_failJob_fault_makes_a_job_and_a_factory_run_fail()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"*","kind":"failJob","count":2}""");

        await simulator.PutAsync(Job, Bodies.Job);
        using var started = await simulator.PostAsync(Factory + "/pipelines/retrain/createRun", "{}");
        var run = Factory + "/pipelineruns/" + (string?)(await started.JsonAsync())["runId"];

        await simulator.UntilAsync(Job, found => (string?)found["properties"]?["status"] == "Failed");
        await simulator.UntilAsync(run, found => (string?)found["status"] == "Failed");
        Assert.Empty((await simulator.ReadAsync("/state"))["models"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task A_failDeployment_fault_makes_a_deployment_fail()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"OnlineDeployments_CreateOrUpdate","kind":"failDeployment","count":1}""");
        await simulator.PutAsync(Workspace + "/models/churn/versions/1", Bodies.Model);
        await simulator.PutAsync(Workspace + "/onlineEndpoints/churn", Bodies.Endpoint);

        await simulator.PutAsync(Workspace + "/onlineEndpoints/churn/deployments/blue", Bodies.Deployment());

        await simulator.UntilAsync(Workspace + "/onlineEndpoints/churn/deployments/blue", found => (string?)found["properties"]?["provisioningState"] == "Failed");
    }

    [Fact]
    public async Task A_duplicate_fault_delivers_an_event_twice()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);
        await FaultAsync(simulator, """{"operation":"EventGrid_Deliver","kind":"duplicate","count":1}""");

        await simulator.PostAsync("/simulate/events", DeliveryTests.Event("e-1"));
        await webhook.UntilAsync(events => events.Count == 2);

        Assert.Equal(["e-1", "e-1"], webhook.Events.Select(found => (string?)found.Body["id"]));
    }

    [Theory]
    [InlineData("shuffle")]
    [InlineData("delayEvents")]
    public async Task Shuffled_and_delayed_events_are_all_delivered(string kind)
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);
        await FaultAsync(simulator, $$"""{"operation":"EventGrid_Deliver","kind":"{{kind}}","delay":"1s","count":3}""");

        await simulator.PostAsync("/simulate/events", $"[{string.Join(',', Enumerable.Range(0, 4).Select(number => DeliveryTests.Event($"e-{number}")))}]");
        await webhook.UntilAsync(events => events.Count == 4);

        Assert.Equal("e-3", (string?)webhook.Events[0].Body["id"]);
    }

    [Theory]
    [InlineData("status", "before", 1)]
    [InlineData("status", "after", 2)]
    [InlineData("reset", "before", 1)]
    [InlineData("timeout", "after", 2)]
    [InlineData("delay", "before", 1)]
    public async Task A_delivery_can_fail_before_or_after_the_webhook_receives_it(string kind, string when, int arrivals)
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);
        await FaultAsync(simulator, $$"""{"operation":"EventGrid_Deliver","kind":"{{kind}}","when":"{{when}}","status":503,"delay":"10ms","count":1}""");

        await simulator.PostAsync("/simulate/events", DeliveryTests.Event("e-1"));
        await DeliveryTests.CountAsync(simulator, count => (int?)count["delivered"] == 1);

        Assert.Equal(arrivals, webhook.Deliveries.Count);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_read_of_the_tracking_server_can_fail(string when)
    {
        await using var simulator = await StartAsync();
        const string run = $"/mlflow/v1.0{Workspace}/api/2.0/mlflow/runs/get?run_id=retrain-1";
        await simulator.PutAsync(Job, Bodies.Job);
        await FaultAsync(simulator, $$"""{"operation":"MlflowRuns_Get","status":503,"when":"{{when}}","count":1}""");

        using var failed = await simulator.GetAsync(run);
        using var again = await simulator.GetAsync(run);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (failed.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task A_share_with_a_seed_selects_the_same_calls_every_time()
    {
        var runs = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var simulator = await StartAsync();
            await FaultAsync(simulator, """{"operation":"Workspaces_Get","status":503,"share":0.5,"seed":7}""");
            var statuses = new List<HttpStatusCode>();
            for (var call = 0; call < 12; call++)
            {
                using var response = await simulator.GetAsync(Workspace);
                statuses.Add(response.StatusCode);
            }

            runs.Add(string.Join(',', statuses));
        }

        Assert.Equal(runs[0], runs[1]);
        Assert.Contains("OK", runs[0], StringComparison.Ordinal);
        Assert.Contains("ServiceUnavailable", runs[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"operation":"Jobs_Fly"}""", "Jobs_CreateOrUpdate")]
    [InlineData("""{"kind":"explode"}""", "failDeployment")]
    [InlineData("""{"when":"during"}""", "'before' or 'after'")]
    [InlineData("""{"delay":"soon"}""", "500ms")]
    [InlineData("""{"status":200}""", "400 to 599")]
    [InlineData("""{"share":2}""", "share")]
    [InlineData("""{"count":-1}""", "count")]
    [InlineData("""{"retryAfterSeconds":-1}""", "retryAfterSeconds")]
    public async Task An_invalid_fault_is_rejected_and_the_error_names_the_expected_values(string fault, string hint)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync("/faults", fault);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(hint, (string?)(await response.JsonAsync())["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_can_be_listed_and_removed()
    {
        await using var simulator = await StartAsync();
        await FaultAsync(simulator, """{"operation":"Workspaces_Get","count":0}""");
        using var hit = await simulator.GetAsync(Workspace);

        var listed = await simulator.ReadAsync("/faults");
        await simulator.DeleteAsync("/faults");
        using var next = await simulator.GetAsync(Workspace);

        Assert.Equal(HttpStatusCode.InternalServerError, hit.StatusCode);
        Assert.Equal(1, (int?)listed[0]?["hits"]);
        Assert.Null(listed[0]?["left"]);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    internal static async Task FaultAsync(RunningSimulator simulator, string fault)
    {
        using var response = await simulator.PostAsync("/faults", fault);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }
}
