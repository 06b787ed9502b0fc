using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar.Tests.Program;

public sealed class CommandLineTests
{
    [Fact]
    public void The_flags_of_daprd_are_read()
    {
        var options = Parse(
            "--app-id x --app-port 5101 --app-protocol http --app-max-concurrency 3 --app-channel-address localhost --dapr-http-port=3501 --dapr-grpc-port 50002"
            + " --dapr-listen-addresses 0.0.0.0 --resources-path a --resources-path b --config c --log-level warn --dapr-graceful-shutdown-seconds 7 --data-dir d"
            + " --dapr-internal-grpc-port 50003 --dapr-internal-grpc-listen-address 127.0.0.1 --metrics-port 9090 --metrics-listen-address 127.0.0.1");

        Assert.Equal(("x", 5101, 3, "localhost"), (options.AppId, options.AppPort, options.AppMaxConcurrency, options.AppChannelAddress));
        Assert.Equal((3501, 50002, "0.0.0.0"), (options.HttpPort, options.GrpcPort, options.ListenAddress));
        Assert.Equal(["a", "b"], options.ResourcesPaths);
        Assert.Equal(("c", LogLevel.Warning, 7, "d"), (options.ConfigFile, options.LogLevel, (int)options.GracefulShutdown.TotalSeconds, options.DataDirectory));
    }

    [Fact]
    public void Tokens_come_from_the_environment_and_defaults_are_those_of_daprd()
    {
        var options = CommandLine.Parse(["--app-id", "x", "--app-max-concurrency", "-1"], name => name.ToUpperInvariant());

        Assert.Equal(("DAPR_API_TOKEN", "APP_API_TOKEN"), (options.ApiToken, options.AppApiToken));
        Assert.Equal((3500, 50001, null, null), (options.HttpPort, options.GrpcPort, options.AppPort, options.AppMaxConcurrency));
    }

    [Theory]
    [InlineData("", "--app-id is missing")]
    [InlineData("--app-id x --placement-host-address y", "unknown flag --placement-host-address; expected one of: --app-id")]
    [InlineData("--app-id", "--app-id needs a value")]
    [InlineData("app-id x", "'app-id' is not a flag")]
    [InlineData("--app-id x --app-port 70000", "--app-port 70000: must be a number from 1 to 65535")]
    [InlineData("--app-id x --metrics-port 70000", "--metrics-port 70000: must be a number from 0 to 65535")]
    [InlineData("--app-id x --app-protocol grpc", "supports only http")]
    [InlineData("--app-id x --dapr-listen-addresses localhost", "must be one IP address")]
    [InlineData("--app-id x --metrics-listen-address localhost", "must be one IP address")]
    [InlineData("--app-id x --log-level loud", "must be debug, info, warn, error or fatal")]
    public void The_error_says_which_flag_or_value_is_missing_unknown_or_invalid(string line, string message) =>
        Assert.Contains(message, Assert.Throws<ResourceException>(() => Parse(line)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1500", 1500)]
    [InlineData("1m30s", 90000)]
    [InlineData("1.5h", 5400000)]
    [InlineData("250us", 0.25)]
    [InlineData("-2s", -2000)]
    public void A_duration_is_a_number_of_milliseconds_or_a_Go_duration(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("5 s")]
    [InlineData("s")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("3000000h")]
    [InlineData("99999999999999999999h")]
    public void Text_that_is_not_a_duration_or_is_out_of_range_is_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    private static SidecarOptions Parse(string line) => CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null);
}
