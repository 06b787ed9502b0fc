using System.Diagnostics;

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

        // The mail server does not answer, so the process is killed during a step that holds the lease.
        await first.Simulator.FaultAsync(new { operation = "Smtp", kind = "timeout" }, Token);
        var failed = Events.RunFailed();
        await first.Ingress.DeliverAsync(Token, failed);
        await Poll.UntilAsync(token => ListAsync(first, token), list => list.Contains(failed.Id(), StringComparison.Ordinal), Token);
        await first.KillAsync(Token);
        await first.DisposeAsync();

        await using var second = await LocalHost.StartReadyAsync(_data.Path, Token, first.PortBase);
        var clock = Stopwatch.StartNew();
        await second.Simulator.MailAsync(failed.Id(), Token);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Goal);
    }

    // The notifier lists the action when its message is acknowledged and the step continues in the background.
    private static async Task<string> ListAsync(LocalHost host, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Service(1, "/actions"));
        request.Headers.Add("x-api-key", "local-development-key");
        using var response = await http.SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }
}
