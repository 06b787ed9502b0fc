using System.Diagnostics;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

using MLEvents.Local.Host;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

/// <summary>How an experiment ends.</summary>
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
    public async Task A_part_that_ended_by_itself_breaks_it_off_and_is_named(string script)
    {
        await using var simulator = await StartAsync();
        using var view = View(simulator);
        using var lives = ChildProcess("ingress-1", "exec sleep 100");
        using var dies = ChildProcess("notifier-1", script);

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => Experiment.SettleAsync([lives, dies], view, OneMail, TimeSpan.FromMinutes(1), Token));

        Assert.Equal("The notifier-1 ended by itself; its log says why.", fault.Message);
    }

    [Fact]
    public async Task What_is_missing_when_patience_ends_is_missing_from_the_counts()
    {
        await using var simulator = await StartAsync();
        using var view = View(simulator);
        using var lives = ChildProcess("ingress-1", "exec sleep 100");

        var counts = await Experiment.SettleAsync([lives], view, OneMail with { Mails = 2 }, TimeSpan.FromMilliseconds(1), Token);

        Assert.False(counts.Reach(OneMail with { Mails = 2 }));
        Assert.True(counts.Reach(OneMail));
    }

    private static SimulatorClient View(RunningService simulator) => new(simulator.Client.BaseAddress ?? throw new InvalidOperationException(), seed: 1);

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
        var part = new ChildProcess(name, () => new ProcessStartInfo("sh", ["-c", script]), Path.Combine(_folder.Path, $"{name}.log"));
        part.Start();
        return part;
    }
}
