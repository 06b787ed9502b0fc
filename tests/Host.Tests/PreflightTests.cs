using System.Net;
using System.Net.Sockets;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

/// <summary>If the host cannot start, it prints one line on the error stream and ends with code 2.</summary>
public sealed class PreflightTests : IDisposable
{
    private readonly TempFolder _folder = new();

    // The host proposes a base that is 100 or 200 ports higher.
    private readonly int _portBase = TestData.PortBase(280);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_error_for_a_busy_port_proposes_a_base_whose_ports_are_free()
    {
        using var busy = new TcpListener(IPAddress.Loopback, _portBase + 25);
        busy.Start();

        var line = await RefusedAsync(TestData.Options(_folder.Path, _portBase));

        Assert.StartsWith($"Port {_portBase + 25} (simulator's mail server) is in use.", line, StringComparison.Ordinal);
        var other = int.Parse(line.Split("--port-base ")[1].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture);
        Assert.All(new Ports(other).All(), port => Assert.True(FreePort.IsFree(port.Port)));
    }

    [Fact]
    public async Task With_daprd_the_ports_of_daprd_are_also_free_at_the_proposed_base()
    {
        using var busy = new TcpListener(IPAddress.Loopback, _portBase + 60);
        using var busyAtNextBase = new TcpListener(IPAddress.Loopback, _portBase + 160);
        busy.Start();
        busyAtNextBase.Start();

        var line = await RefusedAsync(TestData.Options(_folder.Path, _portBase) with { Daprd = "daprd" });

        Assert.StartsWith($"Port {_portBase + 60} (sidecar of ingress, internal gRPC) is in use.", line, StringComparison.Ordinal);
        var other = int.Parse(line.Split("--port-base ")[1].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture);
        Assert.All(new Ports(other).All(daprd: true), port => Assert.True(FreePort.IsFree(port.Port)));
    }

    [Fact]
    public async Task Without_a_free_base_the_busy_port_is_named_and_no_base_is_suggested()
    {
        // There is no base above the highest one.
        using var busy = new TcpListener(IPAddress.Loopback, Ports.MaxBase + 25);
        busy.Start();

        var line = await RefusedAsync(TestData.Options(_folder.Path, Ports.MaxBase));

        Assert.Matches(@"^Port 650\d\d \(.+\) is in use\. Stop what listens there\.$", line);
    }

    [Fact]
    public async Task Outside_a_checkout_the_missing_components_folder_is_named()
    {
        var line = await RefusedAsync(TestData.Options(_folder.Path, _portBase) with { ComponentsDirectory = new RepositoryPaths(_folder.Path).Components });

        Assert.Contains(Path.Combine(_folder.Path, "components", "embedded"), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rules_folder_that_does_not_exist_is_named()
    {
        var line = await RefusedAsync(TestData.Options(_folder.Path, _portBase, rules: "/nowhere/rules"));

        Assert.Equal("The rules folder /nowhere/rules does not exist. Create it, or name another folder with --rules.", line);
    }

    [Fact]
    public async Task An_invalid_rule_is_reported_with_file_line_and_column()
    {
        var file = _folder.Write("rules/alerts.yaml", "alerts:\n  - name: a\n    wen: {}\n");
        _folder.Write("rules/retraining.yaml", "retraining: []\n");
        _folder.Write("rules/deployments.yaml", "deployments: []\n");

        var line = await RefusedAsync(TestData.Options(_folder.Path, _portBase, rules: Path.Combine(_folder.Path, "rules")));

        Assert.Contains($"{file}(", line, StringComparison.Ordinal);
        Assert.Matches(@"alerts\.yaml\(\d+,\d+\): ", line);
    }

    [Fact]
    public async Task A_report_into_a_folder_that_does_not_exist_is_refused_before_anything_starts()
    {
        Assert.Equal("The folder /nowhere of the report does not exist. Create it, or name another file with --report.", await RefusedAsync(TestData.Options(_folder.Path, _portBase, report: "/nowhere/report.json")));
        Assert.Contains("is a folder", await RefusedAsync(TestData.Options(_folder.Path, _portBase, report: _folder.Path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_created_is_named()
    {
        var file = _folder.Write("a-file", "");

        var line = await RefusedAsync(TestData.Options(Path.Combine(file, "data"), _portBase));

        Assert.StartsWith($"The data folder {Path.Combine(file, "data")} cannot be written to:", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_is_refused_while_another_host_uses_it()
    {
        using (DataFolder.Claim(_folder.Path))
        {
            var line = await RefusedAsync(TestData.Options(_folder.Path, _portBase));

            Assert.StartsWith($"The data folder {_folder.Path} cannot be locked; another local host probably uses it:", line, StringComparison.Ordinal);
        }

        DataFolder.Claim(_folder.Path).Dispose();
        // The host deletes the file with which it checks whether the folder can be written to.
        Assert.Equal(["host.lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    private static async Task<string> RefusedAsync(HostOptions options)
    {
        using var console = new ReadableConsoleWriter();

        var exitCode = await new LocalHost(options, console.ConsoleWriter).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.NotStarted, exitCode);
        Assert.Empty(console.Lines);
        return Assert.Single(console.Faults);
    }
}
