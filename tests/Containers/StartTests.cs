using System.Globalization;

using DotNet.Testcontainers.Containers;

using MLEvents.Containers.Running;

namespace MLEvents.Containers;

/// <summary>Checks the size, the start time, the privileges and the health check of each image.</summary>
[Collection(Engine.Alone)]
public sealed class StartTests(ITestOutputHelper output)
{
    // A start on an idle machine takes about 10 % of this time.
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Services => [.. Engine.Services];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task An_image_is_small_starts_quickly_and_runs_as_a_user_without_privileges_on_a_read_only_file_system(string service)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The test reads /proc.");
        await Engine.RequireAsync();
        var port = FreePort.Next();
        await using var container = HardenedContainer.Create(service, Arguments(service, port)).Build();

        var address = new Uri($"http://127.0.0.1:{port}{(service == "Sidecar" ? "/v1.0/healthz" : "/healthz")}");

        var time = await AnswerAsync(container, address);
        var (size, own) = await SizesAsync(service);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{service,-10} {size / 1e6:F0} MB, {own / 1e6:F1} MB of its own; answers after {time.TotalSeconds:F1} s"));

        // An image with SQLite may be larger, because the package of SQLite contains a native library for every platform.
        Assert.InRange(own, 1, service is "Sidecar" or "Dashboard" ? 80_000_000 : 20_000_000);
        await AssertNoPrivilegesAsync(container);

        // The health check of docker-compose.yml.
        Assert.True(await ProbesAsync(container, address));
        Assert.False(await ProbesAsync(container, new Uri($"http://127.0.0.1:{FreePort.Next()}/")));
    }

    private static string[] Arguments(string service, int port) => service switch
    {
        "Sidecar" => ["--app-id=alone", $"--dapr-http-port={port}", $"--dapr-grpc-port={FreePort.Next()}"],
        "Simulator" => [$"--urls=http://127.0.0.1:{port}", $"--Simulator:SmtpPort={FreePort.Next()}"],
        _ => ["--environment=Development", $"--urls=http://127.0.0.1:{port}", "--Mail:From=mlevents@example.com"],
    };

    private static async Task<TimeSpan> AnswerAsync(IContainer container, Uri address)
    {
        using var http = new HttpClient();
        var started = TimeProvider.System.GetTimestamp();
        await container.StartAsync(TestContext.Current.CancellationToken);
        await Poll.UntilAsync(token => AnswersAsync(http, address, token), answers => answers, TestContext.Current.CancellationToken, TimeSpan.FromMilliseconds(10), StartDeadline);
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static async Task<bool> ProbesAsync(IContainer container, Uri address) =>
        await Engine.TryAsync("exec", container.Id, "/probe/probe", $"{address}") is not null;

    private static async Task<bool> AnswersAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The container does not listen yet. Poll tries again.
            return false;
        }
    }

    private static async Task<(long Size, long Own)> SizesAsync(string service)
    {
        var size = await Engine.SizeAsync(Engine.Image(service));
        return (size, size - await Engine.SizeAsync(Engine.BaseImages[1]));
    }

    private static async Task AssertNoPrivilegesAsync(IContainer container)
    {
        var process = (await Engine.TryAsync("inspect", "--format", "{{.State.Pid}}", container.Id))?.Trim();
        var status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
        var mounts = await File.ReadAllLinesAsync($"/proc/{process}/mounts", TestContext.Current.CancellationToken);

        Assert.Contains("Uid:\t1654\t1654\t1654\t1654", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains(mounts, mount => mount.Split(' ') is [_, "/", _, var options, ..] && options.Split(',').Contains("ro"));
    }
}
