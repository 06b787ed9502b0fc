using System.Net;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class JobsTests
{
    private const string Job = Workspace + "/jobs/retrain-1";

    [Fact]
    public async Task A_job_goes_through_its_phases_in_order()
    {
        await using var simulator = await StartAsync();

        await simulator.PutAsync(Job, Bodies.Job);
        var job = await simulator.UntilAsync(Job, found => Status(found) == "Completed");
        var timeline = await simulator.ReadAsync("/timeline");

        var phases = (timeline["entries"]?.AsArray() ?? []).Select(entry => (string?)entry?["kind"]).Where(kind => kind?.StartsWith("job.", StringComparison.Ordinal) == true);
        Assert.Equal(["job.NotStarted", "job.Starting", "job.Preparing", "job.Running", "job.Finalizing", "job.Completed"], phases);
        Assert.StartsWith("https://ml.azure.com/runs/retrain-1?wsid=", (string?)job["properties"]?["services"]?["Studio"]?["endpoint"], StringComparison.Ordinal);
        Assert.NotNull(job["properties"]?["properties"]?["StartTimeUtc"]);
    }

    [Fact]
    public async Task A_repeated_PUT_finds_the_job_and_starts_no_second_job()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Job, Bodies.Job);

        using var again = await simulator.PutAsync(Job, Bodies.Job);
        var calls = await simulator.ReadAsync("/calls");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(2, (int?)calls["operations"]?["Jobs_CreateOrUpdate"]?["calls"]);
        Assert.Equal(1, (int?)calls["operations"]?["Jobs_CreateOrUpdate"]?["changedState"]);
    }

    [Fact]
    public async Task A_PUT_with_other_content_for_an_existing_job_is_a_conflict()
    {
        await using var simulator = await StartAsync();
        await simulator.PutAsync(Job, Bodies.Job);

        using var other = await simulator.PutAsync(Job, """{"properties":{"jobType":"Pipeline"}}""");

        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Fact]
    public async Task A_cancelled_job_stays_cancelled()
    {
        await using var simulator = await StartAsync(("Clock:Running", "00:00:30"));
        await simulator.PutAsync(Job, Bodies.Job);

        using var cancelled = await simulator.PostAsync(Job + "/cancel");
        await simulator.UntilAsync(Job, found => Status(found) == "Canceled");
        using var again = await simulator.PostAsync(Job + "/cancel");
        using var result = await simulator.GetAsync(cancelled.Headers.Location?.PathAndQuery ?? "");

        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, result.StatusCode);
    }

    [Theory]
    [InlineData("Completed", "FINISHED")]
    [InlineData("Failed", "FAILED")]
    [InlineData("Canceled", "KILLED")]
    public async Task The_tracking_server_returns_the_status_of_a_run_that_has_ended(string status, string expected)
    {
        await using var simulator = await StartAsync(("Clock:Running", status == "Canceled" ? "00:00:30" : "00:00:00.010"));
        if (status == "Failed")
        {
            await FaultTests.FaultAsync(simulator, """{"operation":"Jobs_CreateOrUpdate","kind":"failJob","count":1}""");
        }

        await simulator.PutAsync(Job, Bodies.Job);
        if (status == "Canceled")
        {
            await simulator.PostAsync(Job + "/cancel");
        }

        await simulator.UntilAsync(Job, found => Status(found) == status);
        var answer = await simulator.ReadAsync($"/mlflow/v1.0{Workspace}/api/2.0/mlflow/runs/get?run_id=retrain-1");

        Assert.Equal(expected, (string?)answer["run"]?["info"]?["status"]);
    }

    [Theory]
    [InlineData("Command", "command")]
    [InlineData("Sweep", "objective")]
    public async Task A_job_without_a_required_property_is_refused(string type, string missing)
    {
        await using var simulator = await StartAsync();

        using var refused = await simulator.PutAsync(Job, $$$"""{"properties":{"jobType":"{{{type}}}"}}""");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))?["error"];
        Assert.Equal($"The property '{missing}' is required for a {type} job.", (string?)error?["message"]);
    }

    [Fact]
    public async Task A_sweep_job_runs_to_its_end()
    {
        await using var simulator = await StartAsync();

        await simulator.PutAsync(Job, """
            {"properties":{"jobType":"Sweep","trial":{"command":"x","environmentId":"e"},"searchSpace":{"a":["choice",[[1,2]]]},
            "samplingAlgorithm":{"samplingAlgorithmType":"Grid"},"objective":{"goal":"Minimize","primaryMetric":"m"}}}
            """);

        await simulator.UntilAsync(Job, found => Status(found) == "Completed");
    }

    [Fact]
    public async Task Only_a_finished_job_can_be_deleted()
    {
        await using var simulator = await StartAsync(("Clock:Running", "00:00:30"));
        await simulator.PutAsync(Job, Bodies.Job);

        using var early = await simulator.DeleteAsync(Job);
        await simulator.PostAsync(Job + "/cancel");
        await simulator.UntilAsync(Job, found => Status(found) == "Canceled");
        using var deleted = await simulator.DeleteAsync(Job);
        using var gone = await simulator.DeleteAsync(Job);

        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Theory]
    [InlineData("-bad", Bodies.Job)]
    [InlineData("good", """{"properties":{"jobType":"Command","command":"x"}}""")]
    public async Task A_job_with_an_invalid_name_or_a_command_job_without_an_environment_is_rejected(string name, string body)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PutAsync($"{Workspace}/jobs/{name}", body);

        Assert.Equal("UserError", (string?)(await response.JsonAsync())["error"]?["code"]);
    }

    [Fact]
    public async Task A_completed_job_registers_the_next_model_version_only_for_outputs_with_an_asset_name()
    {
        await using var simulator = await StartAsync();

        await simulator.PutAsync(Workspace + "/jobs/a", Bodies.Job);
        await simulator.UntilAsync(Workspace + "/jobs/a", found => Status(found) == "Completed");
        await simulator.PutAsync(Workspace + "/jobs/b", Bodies.Job);
        await simulator.UntilAsync(Workspace + "/jobs/b", found => Status(found) == "Completed");
        await simulator.PutAsync(Workspace + "/jobs/c", """{"properties":{"jobType":"Pipeline","outputs":{"m":{"jobOutputType":"mlflow_model"}}}}""");
        await simulator.UntilAsync(Workspace + "/jobs/c", found => Status(found) == "Completed");
        var models = (await simulator.ReadAsync("/state"))["models"]?.AsArray() ?? [];

        Assert.Equal(["1", "2"], models.Select(model => (string?)model?["name"]));
        Assert.Equal("b", (string?)models[1]?["properties"]?["jobName"]);
    }

    [Fact]
    public async Task With_the_default_settings_a_job_takes_at_least_three_seconds_of_the_clock()
    {
        var clock = new FakeTimeProvider();
        await using var service = await RunningService.StartAsync(
            configure => SimulatorService.Create([], builder =>
            {
                configure(builder);
                builder.Services.AddSingleton<TimeProvider>(clock);
            }),
            [new("Simulator:SmtpPort", "0"), new("Logging:LogLevel:Microsoft", "Warning")],
            TestContext.Current.CancellationToken);
        service.Client.DefaultRequestHeaders.Authorization = new("Bearer", "local");
        var simulator = new RunningSimulator(service.Client, service);
        await simulator.PutAsync(Job, Bodies.Job);

        var steps = 0;
        while (Status(await simulator.ReadAsync(Job)) != "Completed")
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            steps++;
        }

        Assert.True(steps >= 30, $"It took {steps} steps of 100 ms.");
    }

    private static string? Status(JsonNode job) => (string?)job["properties"]?["status"];
}
