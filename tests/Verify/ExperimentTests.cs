using System.Diagnostics;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

using MLEvents.Local.Host;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

/// <summary>Tests how a verification run ends, and which ports it uses.</summary>
public sealed class ExperimentTests : IDisposable
{
    private static readonly Expectation OneMail = new(Mails: 1, Jobs: 0, FactoryRuns: 0, Deployments: 0);

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("exit 0")]
    [InlineData("exit 3")]
    [InlineData("kill -9 $$")]
    public async Task A_process_that_ends_unexpectedly_stops_the_verification_and_is_named(string script)
    {
        await using var simulator = await StartAsync();
        using var view = View(simulator);
        using var lives = ChildProcess("ingress-1", "exec sleep 100");
        using var dies = ChildProcess("notifier-1", script);

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ActionWorkload.SettleAsync([lives, dies], view, OneMail, TimeSpan.FromMinutes(1), Token));

        Assert.Equal("The process notifier-1 ended unexpectedly. Its log has the reason.", fault.Message);
    }

    [Fact]
    public void The_ports_of_a_run_are_below_those_of_the_tests() => Assert.True(Experiment.MaxPort < FreePort.Lowest);

    [Fact]
    public void A_run_uses_the_first_range_without_listeners() => Assert.Equal(7_600, Experiment.FreeBase([7_000, 7_599]));

    [Fact]
    public void An_error_says_that_no_range_of_ports_is_free()
    {
        HashSet<int> used = [.. Enumerable.Range(0, 10).Select(step => 7_299 + (step * 300))];

        var error = Assert.Throws<InvalidOperationException>(() => Experiment.FreeBase(used));

        Assert.StartsWith("Each of the 10 ranges of 300 ports from 7000 to 9999 has a port in use.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_timeout_the_counts_contain_only_the_completed_actions()
    {
        await using var simulator = await StartAsync();
        using var view = View(simulator);
        using var lives = ChildProcess("ingress-1", "exec sleep 100");

        var counts = await ActionWorkload.SettleAsync([lives], view, OneMail with { Mails = 2 }, TimeSpan.FromMilliseconds(1), Token);

        Assert.False(counts.HasReached(OneMail with { Mails = 2 }));
        Assert.True(counts.HasReached(OneMail));
    }

    private static VerificationSimulator View(RunningService simulator) => new(simulator.Client.BaseAddress ?? throw new InvalidOperationException(), seed: 1);

    private static Task<RunningService> StartAsync() => RunningService.StartAsync(
        configure =>
        {
            var builder = WebApplication.CreateBuilder();
            configure(builder);
            var app = builder.Build();
            app.MapGet("/counts", () => TypedResults.Json(new { mailsByAction = new[] { new JsonObject { ["action"] = "a", ["count"] = 1 } } }));
            return app;
        },
        [],
        Token);

    private ChildProcess ChildProcess(string name, string script)
    {
        var process = new ChildProcess(name, () => new ProcessStartInfo("sh", ["-c", script]), Path.Combine(_folder.Path, $"{name}.log"));
        process.Start();
        return process;
    }
}
