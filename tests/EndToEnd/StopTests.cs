using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

public sealed class StopTests : IDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);
    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ctrl_C_in_the_middle_of_a_chain_ends_everything_within_5_s()
    {
        await using var host = await LocalHost.StartReadyAsync(_data.Path, Token);
        var drift = Events.Drift("churn-drift");
        await host.Ingress.DeliverAsync(Token, drift);
        await host.Simulator.FindEntryAsync("job.NotStarted", drift.Id(), Token);

        await host.InterruptAsync(Token);
        var exitCode = await host.ExitAsync(StopWithin, Token);

        Assert.Equal(0, exitCode);
        Assert.Empty(host.Errors.All);
        Assert.Equal("stopping", host.Output.All[^1]);
        Assert.Empty(PortRange.Listening(host.PortBase));
    }

    [Fact]
    public async Task After_a_kill_the_next_start_processes_the_accepted_events_and_new_ones()
    {
        var (first, accepted) = await AcceptWithoutSendingAsync();
        await first.KillAsync(Token);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(first.ProcessId));
        await first.DisposeAsync();

        await using var second = await LocalHost.StartReadyAsync(_data.Path, Token, first.PortBase);
        foreach (var id in accepted)
        {
            await second.Simulator.MailAsync(id, Token);
        }

        var next = Events.Drift("churn-drift");
        await second.Ingress.DeliverAsync(Token, next);
        await second.Simulator.MailAsync(next.Id(), Token);
        await second.Simulator.FindEntryAsync("job.NotStarted", next.Id(), Token);
        await AssertHealthyAsync(second);
        var mails = await second.Simulator.MailsAsync(null, Token);
        Assert.All(accepted, id => Assert.Single(mails, mail => mail.Correlation == id));
        Assert.Empty(second.Errors.All);
    }

    public void Dispose() => _data.Dispose();

    private static async Task AssertHealthyAsync(LocalHost host)
    {
        using var http = new HttpClient();
        foreach (var service in Enumerable.Range(0, 4))
        {
            using var answer = await http.GetAsync(host.Service(service, "/health"), Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    // When this method returns, the ledger contains two alerts that the mail server refused, and a job has been submitted.
    private async Task<(LocalHost Host, IReadOnlyList<string> Events)> AcceptWithoutSendingAsync()
    {
        var host = await LocalHost.StartReadyAsync(_data.Path, Token);
        await host.Simulator.FaultAsync(new JsonObject { ["operation"] = "Smtp", ["kind"] = "status", ["status"] = 451 }, Token);
        var (failed, drift) = (Events.RunFailed(), Events.Drift("churn-drift"));
        await host.Ingress.DeliverAsync(Token, failed, drift);
        string[] accepted = [failed.Id(), drift.Id()];
        await Poll.UntilAsync(
            host.AlertsAsync, alerts => accepted.All(id => alerts.Any(alert => (string?)alert["correlationId"] == id && (int?)alert["attempt"] > 1)), Token);
        await host.Simulator.FindEntryAsync("job.NotStarted", drift.Id(), Token);
        return (host, accepted);
    }
}
