using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

/// <summary>The systemd unit and the container start the host with a command line that it understands.</summary>
public sealed class UnitFileTests
{
    [Fact]
    public async Task The_systemd_unit_starts_the_host_for_a_real_workspace()
    {
        var unit = await File.ReadAllLinesAsync(Repository.PathOf("deploy", "local", "mlevents.service"), TestContext.Current.CancellationToken);
        var start = Assert.Single(unit, line => line.StartsWith("ExecStart=", StringComparison.Ordinal)).Split(' ');

        var options = await ReadAsync(start[1..]);

        Assert.Equal("ExecStart=/opt/mlevents/MLEvents.Local.Host", start[0]);
        Assert.Equal((new AzureOptions("/etc/mlevents/settings.json", "127.0.0.1"), "/var/lib/mlevents"), (options.Azure, options.DataDirectory));
    }

    [Fact]
    public async Task The_systemd_unit_waits_longer_than_the_host_takes_to_stop()
    {
        var unit = await File.ReadAllLinesAsync(Repository.PathOf("deploy", "local", "mlevents.service"), TestContext.Current.CancellationToken);

        var seconds = int.Parse(Assert.Single(unit, line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(TimeSpan.FromSeconds(seconds) > LocalEnvironment.StopWithinForAzure);
    }

    [Fact]
    public async Task The_container_starts_the_host_for_a_real_workspace()
    {
        var file = await File.ReadAllLinesAsync(Repository.PathOf("deploy", "local", "Dockerfile"), TestContext.Current.CancellationToken);
        var entry = Assert.Single(file, line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))["ENTRYPOINT ".Length..];
        var words = System.Text.Json.JsonSerializer.Deserialize<string[]>(entry) ?? [];

        var options = await ReadAsync(words[1..]);

        Assert.Equal("/app/MLEvents.Local.Host", words[0]);
        Assert.Equal((new AzureOptions(null, "0.0.0.0"), "/data", "/app/rules", "/app/components"), (options.Azure, options.DataDirectory, options.RulesDirectory, options.ComponentsDirectory));
    }

    private static async Task<HostOptions> ReadAsync(string[] arguments)
    {
        HostOptions? read = null;
        var command = HostCommand.Create(TestData.RepositoryPaths, (options, _) =>
        {
            read = options;
            return Task.FromResult(0);
        });
        await command.Parse(arguments).InvokeAsync(null, TestContext.Current.CancellationToken);
        return read ?? throw new InvalidOperationException("The command line was refused.");
    }
}
