using System.Diagnostics;
using System.Globalization;

namespace MLEvents.Conformance.Runtimes;

/// <summary>Runs real daprd. The environment variable <c>DAPRD</c> contains the path of the program, and <c>REDIS</c> contains host:port of the Redis server of the components.</summary>
public sealed class Daprd : IRuntime
{
    /// <inheritdoc/>
    public async Task<RunningDapr> StartAsync(Setup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var (program, redis) = (Environment.GetEnvironmentVariable("DAPRD"), Environment.GetEnvironmentVariable("REDIS"));
        Assert.SkipWhen(string.IsNullOrEmpty(program) || string.IsNullOrEmpty(redis), "To run this test with real daprd, set DAPRD to the path of the program and REDIS to host:port of a Redis server.");
        var resources = Directory.CreateDirectory(Path.Combine(setup.Folder, Guid.NewGuid().ToString("N"))).FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "resources.yaml"), Resources(setup, redis), TestContext.Current.CancellationToken);
        if (setup.Resiliency.Length > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(resources, "resiliency.yaml"), setup.Resiliency, TestContext.Current.CancellationToken);
        }

        var (port, grpcPort) = (FreePort.Next(), FreePort.Next());
        var process = Process.Start(Start(program, setup, resources, (port, grpcPort))) ?? throw new InvalidOperationException($"{program} did not start.");
        var running = new RunningDapr(new Uri($"http://127.0.0.1:{port}"), new Uri($"http://127.0.0.1:{grpcPort}"), setup.ApiToken, token => TerminateAsync(process, token), () => KillAsync(process));
        try
        {
            return await running.ReadyAsync();
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    // Like components/redis, with fewer workers and connections. The redelivery interval is shorter, because a case must not wait 5 s for a redelivery.
    private static string Resources(Setup setup, string redis) =>
        Yaml.Component("pubsub", "pubsub.redis", [$"redisHost: {redis}", "processingTimeout: 30000", "redeliverInterval: 1000", "concurrency: 20", "poolSize: 40", .. setup.PubSub])
        + Yaml.Component("statestore", "state.redis", $"redisHost: {redis}")
        + setup.Resources;

    private static ProcessStartInfo Start(string program, Setup setup, string resources, (int Http, int Grpc) ports)
    {
        List<string> arguments = ["--app-id", setup.AppId, "--resources-path", resources, "--dapr-listen-addresses", "127.0.0.1", "--dapr-internal-grpc-listen-address", "127.0.0.1", "--metrics-listen-address", "127.0.0.1", "--log-level", "error"];
        var flags = new Dictionary<string, int?>
        {
            ["--dapr-http-port"] = ports.Http,
            ["--dapr-grpc-port"] = ports.Grpc,
            ["--dapr-internal-grpc-port"] = FreePort.Next(),
            ["--metrics-port"] = FreePort.Next(),
            ["--app-port"] = setup.AppPort,
            ["--app-max-concurrency"] = setup.AppMaxConcurrency,
        };
        foreach (var (flag, number) in flags.Where(pair => pair.Value is not null))
        {
            arguments.AddRange([flag, number?.ToString(CultureInfo.InvariantCulture) ?? ""]);
        }

        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = setup.Folder };
        start.Environment["DAPR_API_TOKEN"] = setup.ApiToken ?? "";
        start.Environment["APP_API_TOKEN"] = setup.AppToken ?? "";
        return start;
    }

    private static async Task TerminateAsync(Process process, CancellationToken cancellationToken)
    {
        using var term = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(cancellationToken);
    }

    private static async ValueTask KillAsync(Process process)
    {
        using (process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
