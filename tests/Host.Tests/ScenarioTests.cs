using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class ScenarioTests
{
    private const string Ours = FakeSimulator.Correlation;

    private static readonly (string Kind, string? Correlation, string? Detail)[] Loop =
    [
        ("drift.detected", null, null),
        ("event.published", null, null),
        ("job.NotStarted", Ours, null),
        ("mail.received", Ours, "someone@example.com"),
        ("model.registered", Ours, null),
        ("job.Completed", Ours, null),
        ("deployment.succeeded", Ours, null),
        ("endpoint.succeeded", Ours, """{"m1":0}"""),
        ("endpoint.succeeded", Ours, """{"m1":100}"""),
        ("model.deployed", Ours, null),
        ("mail.received", Ours, "someone@example.com"),
    ];

    [Fact]
    public async Task The_scenario_is_complete_when_all_steps_have_happened_and_each_step_is_reported_once()
    {
        var (outcome, lines) = await PlayAsync(Loop);

        Assert.True(outcome.IsComplete);
        Assert.Equal(Ours, outcome.CorrelationId);
        Assert.Equal(
            ["drift detected", "job submitted", "alert mailed", "model registered", "run completed", "endpoint and deployment created", "traffic moved", "model deployed", "people notified"],
            outcome.Steps.Select(step => step.Name));
        Assert.Equal("endpoint.succeeded 8", outcome.Steps[6].Subject);
        Assert.Equal(9, lines.Count);
        Assert.Contains("job submitted", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_of_another_chain_complete_no_step()
    {
        var foreign = Loop.Select(entry => entry with { Correlation = entry.Correlation is null ? null : "another" });

        var (outcome, lines) = await PlayAsync(foreign, TimeSpan.FromMilliseconds(200));

        Assert.Equal(["drift detected"], outcome.Steps.Select(step => step.Name));
        Assert.Equal(ScenarioStep.Loop.Skip(1).Select(step => step.Name), outcome.Missing);
        Assert.Single(lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_the_time_limit_the_missing_steps_are_named_even_if_the_simulator_hangs(bool hangs)
    {
        var (outcome, _) = await PlayAsync(Loop.Take(9), TimeSpan.FromSeconds(3), hangs);

        Assert.False(outcome.IsComplete);
        Assert.Equal(["model deployed", "people notified"], outcome.Missing);
        Assert.Equal(TimeSpan.FromSeconds(3), outcome.Limit);
    }

    [Fact]
    public async Task A_mail_before_the_model_is_deployed_does_not_count_as_people_notified()
    {
        var early = Loop.Take(9).Append(("mail.received", Ours, null)).Append(("model.deployed", Ours, null));

        var (outcome, _) = await PlayAsync(early, TimeSpan.FromMilliseconds(200));

        Assert.Equal(["people notified"], outcome.Missing);
    }

    [Fact]
    public async Task The_traffic_steps_of_a_roll_out_are_read_from_entries_in_the_chain_of_the_first_version()
    {
        (string, string?, string?)[] entries =
        [
            ("model.registered", Ours, null),
            ("endpoint.succeeded", "first", """{"m1":100}"""),
            ("deployment.succeeded", Ours, null),
            ("endpoint.succeeded", "first", """{"m1":90,"m2":10}"""),
            ("endpoint.succeeded", "first", "not traffic"),
            ("endpoint.succeeded", "first", """{"m1":50,"m2":50}"""),
            ("mail.received", Ours, null),
            ("endpoint.succeeded", "first", """{"m1":100}"""),
            ("deployment.deleted", null, null),
            ("mail.received", "first", null),
            ("mail.received", Ours, null),
        ];

        var (outcome, _) = await PlayAsync(entries, plan: ScenarioPlan.BadModel with { TriggerAsync = (_, _) => Task.FromResult(Ours) });

        Assert.Equal(["model registered", "deployment created", "10% of the traffic", "50% of the traffic", "traffic restored", "failed deployment deleted", "alert with the reason"], outcome.Steps.Select(step => step.Name));
        Assert.Equal("endpoint.succeeded 7", outcome.Steps[4].Subject);
    }

    [Fact]
    public async Task Stopping_ends_a_scenario_at_once()
    {
        await using var simulator = await FakeSimulator.StartAsync([], hangs: true);
        using var client = simulator.Client;
        using var console = new ReadableConsoleWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var playing = new Scenario(client, console.ConsoleWriter, TimeProvider.System, ScenarioPlan.Loop).PlayAsync(stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => playing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("traffic moved", "endpoint.succeeded", Ours, """{"m1":100}""", true)]
    [InlineData("traffic moved", "endpoint.succeeded", Ours, """{"m1":10,"m0":90}""", false)]
    [InlineData("traffic moved", "endpoint.succeeded", Ours, null, false)]
    [InlineData("job submitted", "job.NotStarted", null, null, false)]
    [InlineData("job submitted", "job.NotStarted", "another", null, false)]
    [InlineData("job submitted", "job.Running", Ours, null, false)]
    [InlineData("drift detected", "drift.detected", null, null, true)]
    [InlineData("people notified", "mail.received", Ours, null, false)]
    public void The_kind_the_chain_and_the_detail_of_an_entry_decide_whether_a_step_fits_it(string name, string kind, string? correlation, string? detail, bool fits)
    {
        var step = ScenarioStep.Loop.Single(step => step.Name == name);

        Assert.Equal(fits, step.Fits(new TimelineEntry(1, DateTimeOffset.UnixEpoch, kind, "", correlation, detail), Ours, ["drift detected"]));
    }

    [Fact]
    public async Task The_report_lists_the_completed_and_the_missing_steps()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "report.json");
        var (outcome, _) = await PlayAsync(Loop.Take(3), TimeSpan.FromSeconds(1));

        await Report.WriteAsync(null, outcome, new Ports(7000).All(), TestContext.Current.CancellationToken);
        await Report.WriteAsync(file, outcome, new Ports(7000).All(), TestContext.Current.CancellationToken);

        var report = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.False((bool?)report?["closed"]);
        Assert.Equal(Ours, (string?)report?["correlationId"]);
        Assert.Equal("job submitted", (string?)report?["steps"]?[1]?["name"]);
        Assert.Equal("job.NotStarted 2", (string?)report?["steps"]?[1]?["subject"]);
        Assert.Equal("alert mailed", (string?)report?["missing"]?[0]);
        Assert.Equal(17, report?["ports"]?.AsArray().Count);
        Assert.Equal(Environment.ProcessId, (int?)report?["processId"]);
    }

    private static async Task<(ScenarioOutcome Outcome, IReadOnlyList<string> Lines)> PlayAsync(
        IEnumerable<(string Kind, string? Correlation, string? Detail)> entries, TimeSpan? limit = null, bool hangs = false, ScenarioPlan? plan = null)
    {
        await using var simulator = await FakeSimulator.StartAsync(entries, hangs);
        using var client = simulator.Client;
        using var console = new ReadableConsoleWriter();
        var outcome = await new Scenario(client, console.ConsoleWriter, TimeProvider.System, (plan ?? ScenarioPlan.Loop) with { Limit = limit ?? TimeSpan.FromSeconds(20) }).PlayAsync(TestContext.Current.CancellationToken);
        return (outcome, console.Lines);
    }
}
