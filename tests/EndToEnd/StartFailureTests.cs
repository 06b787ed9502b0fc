using System.Net;
using System.Net.Sockets;

using MLEvents.EndToEnd.Running;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd;

public sealed class StartFailureTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TempFolder _data = new();
    private readonly RulesFolder _rules = new();

    [Theory]
    [InlineData(0, "ingress")]
    [InlineData(25, "simulator's mail server")]
    [InlineData(53, "sidecar of deployer, gRPC")]
    public async Task The_error_for_a_port_in_use_names_the_port_and_says_what_to_do(int distance, string user)
    {
        var first = PortRange.Next();
        using var listener = new TcpListener(IPAddress.Loopback, first + distance);
        listener.Start();

        var error = await FailAsync(first);

        Assert.Equal($"Port {first + distance} ({user}) is in use. Stop what listens there, or start with --port-base {first + 100}.", error);
    }

    [Fact]
    public async Task A_misspelled_key_of_a_rule_is_reported_with_its_place_and_the_right_word()
    {
        _rules.Edit("retraining.yaml", "displayName: ", "dispalyName: ");

        var error = await FailAsync(PortRange.Next(), "--rules", _rules.Path);

        Assert.Matches(@"^A rule file is invalid: .*retraining\.yaml\(\d+,\d+\): .*dispalyName.*did you mean 'displayName'", error);
    }

    [Fact]
    public async Task A_missing_rules_folder_is_named()
    {
        var missing = Path.Combine(_data.Path, "no-rules");

        var error = await FailAsync(PortRange.Next(), "--rules", missing);

        Assert.Contains(missing, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_file_whose_folder_does_not_exist_is_refused_before_the_scenario_starts()
    {
        var report = Path.Combine(_data.Path, "no-folder", "report.json");

        var error = await FailAsync(PortRange.Next(), "--report", report);

        Assert.StartsWith($"The folder {Path.GetDirectoryName(report)} of the report does not exist.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(65_001)]
    public async Task A_port_base_out_of_range_is_reported_with_the_range(int first)
    {
        var error = await FailAsync(first);

        Assert.StartsWith("--port-base must be 1024 to 65000, not ", error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _rules.Dispose();
        _data.Dispose();
    }

    // Returns the only line on standard error.
    private async Task<string> FailAsync(int portBase, params string[] more)
    {
        await using var host = LocalHost.Start(portBase, ["--data", _data.Path, .. more]);

        var exitCode = await host.ExitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.InRange(exitCode, 1, 2);
        return Assert.Single(host.Errors.All, line => line.Length > 0);
    }
}
