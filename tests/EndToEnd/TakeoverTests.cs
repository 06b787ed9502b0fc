using System.Diagnostics;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

/// <summary>Actions that were in progress when every process was killed.</summary>
public sealed class TakeoverTests : IDisposable
{
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(5);
    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Interrupted_actions_continue_within_5_s_after_the_start_without_waiting_for_their_leases()
    {
        var first = await LocalHost.StartReadyAsync(_data.Path, Token);

        // The mail server does not answer, so the step is in progress and holds the lease when the processes are killed.
        await first.Simulator.FaultAsync(new JsonObject { ["operation"] = "Smtp", ["kind"] = "timeout" }, Token);
        var failed = Events.RunFailed();
        await first.Ingress.DeliverAsync(Token, failed);

        // The notifier lists the action as soon as the step continues in the background.
        await Poll.UntilAsync(first.AlertsAsync, alerts => alerts.Any(alert => (string?)alert["correlationId"] == failed.Id()), Token);
        await first.KillAsync(Token);
        await first.DisposeAsync();

        await using var second = await LocalHost.StartReadyAsync(_data.Path, Token, first.PortBase);
        var clock = Stopwatch.StartNew();
        await second.Simulator.MailAsync(failed.Id(), Token);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Goal);
    }
}
