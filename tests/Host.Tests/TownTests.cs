using System.Net;
using System.Net.Sockets;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class TownTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_start_that_fails_half_way_says_so_in_one_line_and_leaves_nothing_listening()
    {
        var ports = new Ports(Some.PortBase());
        using var busy = new TcpListener(IPAddress.Loopback, ports.SidecarGrpc(Member.Deployer));
        busy.Start();
        var town = new Town(Some.Options(_folder.Path, ports.Base), ports, Some.Layout);

        var failed = await Assert.ThrowsAsync<StartException>(() => town.StartAsync(TestContext.Current.CancellationToken));
        await town.DisposeAsync();

        Assert.Contains("address already in use", failed.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', failed.Message);
        busy.Stop();
        Assert.All(ports.All(), port => Assert.True(Some.IsFree(port.Port), port.Name));
    }

    [Fact]
    public async Task A_service_that_accepts_but_never_answers_is_not_ready_and_that_is_one_line_too()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        var failed = await Assert.ThrowsAsync<StartException>(() =>
            Readiness.WaitAsync("ingress", port, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken));

        Assert.StartsWith("The ingress is not ready", failed.Message, StringComparison.Ordinal);
    }
}
