using System.Net;

using Microsoft.Extensions.Options;

using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class ControlTests
{
    [Theory]
    [InlineData("/simulate/drift", """{"coefficient":2}""")]
    [InlineData("/simulate/drift", """{"coefficient":"high"}""")]
    [InlineData("/simulate/monitor-breach", """{"monitor":"churn/monitor"}""")]
    [InlineData("/simulate/model", "{}")]
    [InlineData("/simulate/model", """{"name":"m","version":"1/2"}""")]
    [InlineData("/simulate/model", """{"name":"m","properties":{"simulator.failureRate":"2"}}""")]
    [InlineData("/simulate/events", "5")]
    [InlineData("/simulate/events", "{")]
    public async Task Invalid_commands_are_answered_with_problem_details(string path, string body)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync(path, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/inbox?kind=fax", HttpStatusCode.BadRequest)]
    [InlineData("/inbox/mails/7", HttpStatusCode.NotFound)]
    [InlineData("/timeline?wait=1h", HttpStatusCode.BadRequest)]
    [InlineData("/healthz", HttpStatusCode.OK)]
    public async Task Inbox_timeline_and_health_routes_answer_with_the_expected_status(string path, HttpStatusCode status)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task A_drift_event_has_the_members_of_a_recorded_event()
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PostAsync("/simulate/drift", """{"monitor":"m","coefficient":0.4,"baseDatasetId":"b","targetDatasetId":"t"}""");
        var data = await response.JsonAsync();

        Assert.Equal(0.4, (double?)data["driftCoefficient"]);
        Assert.Equal("m", (string?)data["dataDriftName"]);
        Assert.Equal("t", (string?)data["targetDatasetId"]);
        Assert.StartsWith((string?)data["dataDriftId"] + "_", (string?)data["runId"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_version_that_exists_cannot_be_registered_again()
    {
        await using var simulator = await StartAsync();

        using var first = await simulator.PostAsync("/simulate/model", """{"name":"m","version":"5","properties":{"accuracy":"0.9"}}""");
        using var second = await simulator.PostAsync("/simulate/model", """{"name":"m","version":"5"}""");

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
    }

    [Fact]
    public async Task The_timeline_waits_for_the_next_entry_and_shows_correlations()
    {
        await using var simulator = await StartAsync();

        var waiting = simulator.ReadAsync("/timeline?after=0&wait=10s");
        await simulator.PostAsync("/simulate/model", """{"name":"m","tags":{"mlevents.correlation":"c-9"}}""");
        var page = await waiting;

        Assert.Equal("model.registered", (string?)page["entries"]?[0]?["kind"]);
        Assert.Equal("c-9", (string?)page["entries"]?[0]?["correlation"]);
    }

    [Fact]
    public async Task Webhook_calls_are_stored_searched_and_removed_and_faults_apply()
    {
        await using var simulator = await StartAsync();

        await simulator.PostAsync("/hooks/teams", """{"text":"model churn is live"}""");
        await FaultTests.FaultAsync(simulator, """{"operation":"Hooks_Receive","status":503,"count":1}""");
        using var refused = await simulator.PutAsync("/hooks/teams", "{}");
        await FaultTests.FaultAsync(simulator, """{"operation":"Hooks_Receive","status":500,"when":"after","count":1}""");
        using var late = await simulator.PutAsync("/hooks/teams", "late");
        var found = await simulator.ReadAsync("/inbox?kind=hook&contains=CHURN");
        var all = await simulator.ReadAsync("/inbox");
        await simulator.DeleteAsync("/inbox");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, late.StatusCode);
        Assert.Equal("teams", (string?)Assert.Single(found["hooks"]?.AsArray() ?? [])?["name"]);
        Assert.Equal(2, all["hooks"]?.AsArray().Count);
        Assert.Empty((await simulator.ReadAsync("/inbox"))["hooks"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task State_names_the_workspace_and_the_SMTP_port()
    {
        await using var simulator = await StartAsync();

        var state = await simulator.ReadAsync("/state");

        Assert.Equal(Workspace, (string?)state["workspace"]);
        Assert.InRange((int?)state["smtpPort"] ?? 0, 1, 65_535);
    }

    [Theory]
    [InlineData("Simulator:SmtpPort", "70000")]
    [InlineData("Simulator:Clock:Running", "02:00:00")]
    [InlineData("Simulator:RetryTimeScale", "0")]
    public async Task A_setting_out_of_range_stops_the_start(string key, string value) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(
            configure => SimulatorService.Create([], configure), [new(key, value)], TestContext.Current.CancellationToken));
}
