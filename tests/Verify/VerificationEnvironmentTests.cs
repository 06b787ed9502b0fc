using System.Diagnostics;

using MLEvents.Local.Host;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class VerificationEnvironmentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, false)]
    [InlineData("daprd", true)]
    public async Task The_error_for_a_missing_program_says_what_daprd_needs_only_if_the_run_uses_daprd(string? daprd, bool expected)
    {
        var options = new VerificationOptions(Seed: 1, Events: 1, Kills: 0, TimeSpan.FromSeconds(1), Replicas: 1, Path.Combine(_folder.Path, "run"), TimeSpan.FromSeconds(1))
        {
            Daprd = daprd,
            Components = Repository.PathOf("components", "redis"),
        };
        using var environment = new VerificationEnvironment(options, new Ports(Ports.DefaultBase));
        using var process = new ChildProcess("tool", () => new ProcessStartInfo(Path.Combine(_folder.Path, "missing")), Path.Combine(_folder.Path, "tool.log"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => environment.StartAsync(process, TestContext.Current.CancellationToken));

        Assert.StartsWith("The tool cannot be started: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(expected, error.Message.Contains("--dapr daprd needs redis-server in PATH", StringComparison.Ordinal));
    }
}
