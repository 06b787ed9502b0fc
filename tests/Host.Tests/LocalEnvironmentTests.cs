using System.Net;
using System.Net.Sockets;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class LocalEnvironmentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_start_that_fails_half_way_is_reported_in_one_line_and_leaves_no_listener()
    {
        var ports = new Ports(TestData.PortBase());
        using var busy = new TcpListener(IPAddress.Loopback, ports.SidecarGrpc(ServiceId.Deployer));
        busy.Start();
        var environment = new LocalEnvironment(TestData.Options(_folder.Path, ports.Base), ports);

        var failed = await Assert.ThrowsAsync<StartException>(() => environment.StartAsync(TestContext.Current.CancellationToken));
        await environment.DisposeAsync();

        Assert.Contains("address already in use", failed.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', failed.Message);
        busy.Stop();
        Assert.All(ports.All(), port => Assert.True(FreePort.IsFree(port.Port), port.Name));
    }

    [Fact]
    public async Task A_simulator_that_cannot_start_leaves_no_dashboard_behind()
    {
        var ports = new Ports(TestData.PortBase());
        using var busy = new TcpListener(IPAddress.Loopback, ports.Simulator);
        busy.Start();
        var environment = new LocalEnvironment(TestData.Options(_folder.Path, ports.Base), ports);

        await Assert.ThrowsAsync<StartException>(() => environment.StartAsync(TestContext.Current.CancellationToken));
        await environment.DisposeAsync();

        busy.Stop();
        Assert.All(ports.All(), port => Assert.True(FreePort.IsFree(port.Port), port.Name));
    }

    [Fact]
    public async Task The_error_for_a_missing_daprd_says_what_to_do()
    {
        var ports = new Ports(TestData.PortBase());
        await using var environment = new LocalEnvironment(TestData.Options(_folder.Path, ports.Base) with { Daprd = Path.Combine(_folder.Path, "daprd") }, ports);

        var failed = await Assert.ThrowsAsync<StartException>(() => environment.StartAsync(TestContext.Current.CancellationToken));

        Assert.StartsWith("daprd cannot be started: ", failed.Message, StringComparison.Ordinal);
        Assert.EndsWith("Set the environment variable DAPRD to the path of daprd, or leave out --dapr.", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daprd_that_ends_at_once_is_reported_with_its_log()
    {
        var ports = new Ports(TestData.PortBase());
        await using var environment = new LocalEnvironment(TestData.Options(_folder.Path, ports.Base) with { Daprd = "false" }, ports);

        var failed = await Assert.ThrowsAsync<StartException>(() => environment.StartAsync(TestContext.Current.CancellationToken));

        var service = failed.Message.Split(' ') is ["The", "sidecar", "of", var name, ..] ? name : "";
        Assert.Equal($"The sidecar of {service} has ended; see {Path.Combine(_folder.Path, "logs", $"{service}-sidecar.log")}.", failed.Message);
    }

    [Theory]
    [InlineData("daprd", "false")]
    [InlineData(null, null)]
    public void Services_receive_single_messages_from_daprd_because_its_bulk_subscriptions_lose_messages_when_it_stops(string? daprd, string? bulk)
    {
        var settings = LocalEnvironmentSettings.For(ServiceId.Retrainer, new Ports(5100), TestData.Options(_folder.Path, 5100) with { Daprd = daprd });

        Assert.Equal(bulk, settings.GetValueOrDefault("Delivery:Bulk"));
    }

    [Fact]
    public void Daprd_gets_ports_of_its_own_and_the_component_files()
    {
        var start = Daprd.StartInfo("daprd", ServiceId.Retrainer, new Ports(5100), TestData.Options(_folder.Path, 5100), new SidecarTokens("to-dapr", "to-app"));

        Assert.Equal(_folder.Path, start.WorkingDirectory);
        Assert.Equal(("to-dapr", "to-app"), (start.Environment["DAPR_API_TOKEN"], start.Environment["APP_API_TOKEN"]));
        Assert.DoesNotContain(start.ArgumentList, argument => argument.Contains("to-", StringComparison.Ordinal));
        Assert.Equal(
            $"--app-id retrainer --app-port 5102 --app-max-concurrency 1 --dapr-http-port 5142 --dapr-grpc-port 5152 --dapr-internal-grpc-port 5162 --metrics-port 5172 --dapr-listen-addresses 127.0.0.1 --dapr-internal-grpc-listen-address 127.0.0.1 --metrics-listen-address 127.0.0.1 --resources-path {TestData.RepositoryPaths.Components} --dapr-graceful-shutdown-seconds 2",
            string.Join(' ', start.ArgumentList));
    }

    [Fact]
    public async Task A_service_that_accepts_connections_but_never_answers_is_reported_in_one_line()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        var failed = await Assert.ThrowsAsync<StartException>(() =>
            Readiness.WaitAsync("ingress", port, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken));

        Assert.StartsWith("The ingress is not ready", failed.Message, StringComparison.Ordinal);
    }
}
