using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Containers.Running;

/// <summary>
/// Runs docker-compose.yml. <c>.ci/docker-engine</c> builds an image from programs of this machine. If this image exists, it replaces the third-party images:
/// it runs Redis and curl, and it sleeps in place of the pod, the trace viewer and PostgreSQL. The embedded sidecar then replaces daprd, and the dashboard
/// stores its history in SQLite. If this image does not exist, the third-party images are pulled.
/// </summary>
internal sealed partial class Compose : IAsyncDisposable
{
    private const string Programs = "mlevents-test/programs:0.1.0";

    private readonly TempFolder _folder = new();
    private readonly List<string> _files = ["--env-file", ".env", "--file", "docker-compose.yml"];

    private string TokenFile => Path.Combine(_folder.Path, "tokens.env");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts all containers. Skips the test if docker-compose or an image is not available.</summary>
    public async Task StartAsync()
    {
        await WriteTokensAsync();
        Assert.SkipWhen(await RunAsync("version") is null, "docker-compose is not installed.");
        if (await Engine.TryAsync("image", "inspect", Programs) is not null)
        {
            _files.AddRange(["--file", await WriteReplacementsAsync()]);
        }
        else
        {
            Assert.SkipWhen(await RunAsync("pull", "pod", "redis", "postgres", "traces", "subscribe", "ingress-dapr") is not (0, _), "The third-party images of docker-compose.yml cannot be pulled.");
        }

        var up = await RunAsync("up", "--detach", "--build");
        if (up is not (0, _))
        {
            Assert.Fail($"docker-compose up failed: {up?.Error}\n{await LogsOfUnhealthyAsync()}");
        }
    }

    /// <summary>The containers that are unhealthy, still starting or restarting. Fails the test if no container runs.</summary>
    public static async Task<IReadOnlyList<string>> UnhealthyAsync()
    {
        var states = await StatesAsync();
        Assert.True(states.Length > 0, "No container of docker-compose.yml runs.");
        return NotHealthy(states);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "--volumes");
        _folder.Dispose();
    }

    private static async Task<string[]> StatesAsync() =>
        (await Engine.TryAsync("ps", "--filter", "label=com.docker.compose.project=mlevents", "--format", "{{.Names}} {{.Status}}"))?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static string[] NotHealthy(string[] states) =>
        [.. states.Where(state => state.Contains("(unhealthy)", StringComparison.Ordinal) || state.Contains("(health: ", StringComparison.Ordinal) || state.Contains("Restarting", StringComparison.Ordinal))];

    // The error text of docker-compose is full of build output. The reason why a container did not become healthy is only in its log and its health checks.
    private static async Task<string> LogsOfUnhealthyAsync()
    {
        var text = new StringBuilder();
        foreach (var state in NotHealthy(await StatesAsync()))
        {
            var logs = await Engine.TryAsync("logs", "--tail", "20", state.Split(' ')[0]);
            var probes = await Engine.TryAsync("inspect", "--format", "{{json .State.Health}}", state.Split(' ')[0]);
            text.AppendLine(state).AppendLine(probes).AppendLine(logs);
        }

        return text.ToString();
    }

    private async Task WriteTokensAsync()
    {
        using var process = Process.Start("bash", [Repository.PathOf("deploy/containers/create-tokens.sh"), TokenFile]);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }

    private async Task<string> WriteReplacementsAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            // The users of the containers must be able to write here.
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
        }

        var text = new StringBuilder($$"""
            services:
              pod: { image: "{{Programs}}", command: [sleep, infinity] }
              redis: { image: "{{Programs}}", volumes: ["{{_folder.Path}}:/data"] }
              traces: { image: "{{Programs}}", command: [sleep, infinity], healthcheck: { test: [CMD, sleep, "0"] } }
              subscribe: { image: "{{Programs}}", entrypoint: [curl] }
              postgres: { image: "{{Programs}}", command: [sleep, infinity], healthcheck: { test: [CMD, sleep, "0"] } }
              dashboard: { environment: { History__PostgreSql: "", History__File: /tmp/dashboard.db } }

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

        var file = Path.Combine(_folder.Path, "replacements.yml");
        await File.WriteAllTextAsync(file, text.ToString(), Token);
        return file;
    }

    // Returns null if docker-compose is not installed.
    private async Task<(int ExitCode, string Error)?> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("docker-compose", [.. _files, .. arguments]) { WorkingDirectory = Repository.Root };
        start.Environment["MLEVENTS_TOKENS"] = TokenFile;
        try
        {
            var run = await ProgramRun.RunAsync(start, Token);
            return (run.ExitCode, run.Error);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^  (?<name>\w+-dapr):\n(?:    .*\n)*?    command: \[\./daprd, (?<arguments>.*)\]", RegexOptions.Multiline)]
    private static partial Regex SidecarPattern();
}
