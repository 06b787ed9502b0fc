using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Containers.Running;

/// <summary>
/// The system as docker-compose.yml starts it. Where the images of others can't be pulled, an image of this machine's own programs stands in for Redis, curl and what only
/// waits, and the embedded sidecar with its components for daprd; <c>.ci/docker-engine</c> makes that image.
/// </summary>
internal sealed partial class Compose : IAsyncDisposable
{
    private const string Programs = "mlevents-test/programs:0.1.0";

    private readonly TempFolder _folder = new();
    private readonly List<string> _files = ["--env-file", ".env", "--file", "docker-compose.yml"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts it, and returns when all is up; skips the test where it can't be had.</summary>
    public async Task StartAsync()
    {
        Assert.SkipWhen(await RunAsync("version") is null, "docker-compose is not installed.");
        if (await Engine.TryAsync("image", "inspect", Programs) is not null)
        {
            _files.AddRange(["--file", await StandInsAsync()]);
        }
        else
        {
            Assert.SkipWhen(await RunAsync("pull", "pod", "redis", "traces", "subscribe", "ingress-dapr") is not (0, _), "The images that docker-compose.yml takes from others cannot be pulled.");
        }

        var up = await RunAsync("up", "--detach", "--build");
        Assert.True(up is (0, _), up?.Error);
    }

    /// <summary>The services that are not healthy, of those that can tell.</summary>
    public static async Task<IReadOnlyList<string>> UnhealthyAsync()
    {
        var states = await Engine.TryAsync("ps", "--filter", "label=com.docker.compose.project=mlevents", "--format", "{{.Names}} {{.Status}}");
        Assert.False(string.IsNullOrWhiteSpace(states), "No container of docker-compose.yml runs.");
        return [.. states?.Split('\n').Where(state => state.Contains("(unhealthy)", StringComparison.Ordinal) || state.Contains("(health: ", StringComparison.Ordinal) || state.Contains("Restarting", StringComparison.Ordinal)) ?? []];
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "--volumes");
        _folder.Dispose();
    }

    private async Task<string> StandInsAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            // The users of the containers write here.
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
        }

        var text = new StringBuilder($$"""
            services:
              pod: { image: "{{Programs}}", command: [sleep, infinity] }
              redis: { image: "{{Programs}}", volumes: ["{{_folder.Path}}:/data"] }
              traces: { image: "{{Programs}}", command: [sleep, infinity], healthcheck: { test: [CMD, sleep, "0"] } }
              subscribe: { image: "{{Programs}}", entrypoint: [curl] }

            """);
        foreach (Match sidecar in SidecarPattern().Matches(await File.ReadAllTextAsync(Repository.PathOf("docker-compose.yml"), Token)))
        {
            text.Append($$"""
                  {{sidecar.Groups["name"]}}:
                    image: {{Engine.Image("Sidecar")}}
                    entrypoint: [/app/program]
                    command: [{{sidecar.Groups["arguments"]}}, --data-dir, /data]
                    pid: host
                    volumes: ["{{Repository.PathOf("components", "embedded")}}:/components:ro", "{{_folder.Path}}:/data"]

                """);
        }

        var file = Path.Combine(_folder.Path, "stand-ins.yml");
        await File.WriteAllTextAsync(file, text.ToString(), Token);
        return file;
    }

    // Null: it is not installed.
    private async Task<(int ExitCode, string Error)?> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("docker-compose", [.. _files, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("docker-compose did not start.");
            var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
            await process.WaitForExitAsync(Token);
            await output;
            return (process.ExitCode, await error);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^  (?<name>\w+-dapr):\n(?:    .*\n)*?    command: \[\./daprd, (?<arguments>.*)\]", RegexOptions.Multiline)]
    private static partial Regex SidecarPattern();
}
