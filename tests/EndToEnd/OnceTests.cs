using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

public sealed class OnceTests : IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromMinutes(3);

    // The steps of each list occur in this order. The mail can occur before or after the start of the job. The registration of the model can occur before or after
    // the end of its job.
    private static readonly string[][] Steps =
    [
        ["drift detected", "job submitted", "run completed", "endpoint and deployment created", "traffic moved", "model deployed", "people notified"],
        ["drift detected", "alert mailed", "people notified"],
        ["job submitted", "model registered", "endpoint and deployment created"],
    ];

    private readonly TempFolder _data = new();

    [Fact]
    public async Task The_option_once_plays_the_loop_prints_each_step_writes_a_report_and_exits_with_0()
    {
        var report = Path.Combine(_data.Path, "report.json");
        await using var host = LocalHost.Start(PortRange.Next(), "--once", "--data", _data.Path, "--report", report);

        var exitCode = await host.ExitAsync(Generous, TestContext.Current.CancellationToken);

        Assert.True(exitCode == 0, string.Join('\n', [.. host.Output.All, .. host.Errors.All]));
        Assert.Empty(host.Errors.All);
        Assert.All(Steps, steps => AssertInOrder(steps, host.Output.All));
        Assert.StartsWith("scenario loop completed in ", host.Output.All[^1], StringComparison.Ordinal);
        AssertReport(JsonNode.Parse(await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task The_approval_scenario_shows_the_question_approves_it_and_completes()
    {
        await using var host = LocalHost.Start(PortRange.Next(), "--once", "--scenario", "approval", "--data", _data.Path);

        var exitCode = await host.ExitAsync(Generous, TestContext.Current.CancellationToken);

        Assert.True(exitCode == 0, string.Join('\n', [.. host.Output.All, .. host.Errors.All]));
        AssertInOrder(["endpoint and deployment created", "approval requested", "traffic moved", "model deployed"], host.Output.All);
        Assert.Contains(host.Output.All, line => line.Contains("the rule churn-approved asks before traffic", StringComparison.Ordinal));
        Assert.Contains(host.Output.All, line => line.Contains("approved by the scenario, because of --once", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("canary", "10% of the traffic", "50% of the traffic", "100% of the traffic", "earlier deployment deleted")]
    [InlineData("bad-model", "10% of the traffic", "50% of the traffic", "traffic restored", "failed deployment deleted")]
    public async Task A_scenario_of_roll_outs_moves_the_traffic_as_its_rules_say(string scenario, params string[] steps)
    {
        await using var host = LocalHost.Start(PortRange.Next(), "--once", "--scenario", scenario, "--data", _data.Path);

        var exitCode = await host.ExitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);

        Assert.True(exitCode == 0, string.Join('\n', [.. host.Output.All, .. host.Errors.All]));
        AssertInOrder(["model registered", "deployment created", .. steps], host.Output.All);
        Assert.Contains(host.Output.All, line => line.Contains(scenario == "canary" ? " people notified " : " alert with the reason ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_loop_completes_with_a_sidecar_process_for_each_service()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("DAPRD") is { Length: > 0 }, "Not run: DAPRD is set, so all other tests already use the program that it names.");

        // The program of the embedded sidecar accepts the command line of daprd.
        var sidecar = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Sidecar", new DirectoryInfo(AppContext.BaseDirectory).Name, "MLEvents.Local.Sidecar"));
        await using var host = LocalHost.StartOn(sidecar, PortRange.Next(), "--once", "--data", _data.Path, "--components", Repository.PathOf("components", "embedded"));

        var exitCode = await host.ExitAsync(Generous, TestContext.Current.CancellationToken);

        Assert.True(exitCode == 0, string.Join('\n', [.. host.Output.All, .. host.Errors.All]));
        Assert.Contains(host.Output.All, line => line.Contains($"daprd      {sidecar}", StringComparison.Ordinal));
        Assert.Contains("Sidecar of ingress", await File.ReadAllTextAsync(Path.Combine(_data.Path, "logs", "ingress-sidecar.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(PortRange.Listening(host.PortBase));
    }

    public void Dispose() => _data.Dispose();

    private static void AssertInOrder(string[] steps, IReadOnlyList<string> lines)
    {
        var places = steps.Select(step => lines.ToList().FindIndex(line => line.Contains($" s  {step} ", StringComparison.Ordinal))).ToList();

        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    private static void AssertReport(JsonNode? report)
    {
        // The report must have no other members, because the settings of the run contain keys and tokens.
        Assert.Equal(["closed", "seconds", "correlationId", "steps", "missing", "storm", "processId", "workingSetBytes", "ports"], report?.AsObject().Select(member => member.Key));
        Assert.True((bool?)report?["closed"]);
        Assert.Empty(report?["missing"] as JsonArray ?? [null]);
        var steps = (report?["steps"] as JsonArray ?? []).Select(step => (string?)step?["name"]).ToList();
        Assert.Equal(Steps.SelectMany(part => part).Distinct().Order(), steps.Order());
        Assert.InRange((double?)report?["seconds"] ?? 0, 0.1, Generous.TotalSeconds);
        Assert.True(Guid.TryParse((string?)report?["correlationId"], out _));
    }
}
