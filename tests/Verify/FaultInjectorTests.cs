using System.Threading.Channels;

using MLEvents.Local.Host;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class FaultInjectorTests : IDisposable
{
    private const string Sidecar = "notifier-1-sidecar";
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_daprd_that_has_ended_is_restarted_until_the_call_is_cancelled()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-in for daprd is a shell script.");
        var options = new VerificationOptions(Seed: 1, Events: 1, Kills: 0, TimeSpan.FromSeconds(1), Replicas: 1, Path.Combine(_folder.Path, "run"), TimeSpan.FromSeconds(1))
        {
            Daprd = _folder.AddProgram("daprd", "exit 1"),
            Components = Repository.PathOf("components", "redis"),
        };
        using var environment = new VerificationEnvironment(options, new Ports(Ports.DefaultBase));
        using var simulator = new VerificationSimulator(environment.Simulator, seed: 1);
        var reported = Channel.CreateUnbounded<string>();
        var injector = new FaultInjector(environment, simulator, disk: null, line => reported.Writer.TryWrite(line));
        environment.Processes.Single(process => process.Name == Sidecar).Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var restarting = injector.RestartDaprdsAsync(stop.Token);

        string[] lines = [await reported.Reader.ReadAsync(Token), await reported.Reader.ReadAsync(Token)];
        Assert.All(lines, line => Assert.Equal($"restarted {Sidecar}, which had ended", line));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restarting);
    }
}
