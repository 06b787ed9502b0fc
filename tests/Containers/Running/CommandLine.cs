using System.Diagnostics;

namespace MLEvents.Containers.Running;

/// <summary><c>mlevents</c>, as the process that a user starts.</summary>
internal static class CommandLine
{
    /// <summary>Sends the events of a file to the ingress at a port.</summary>
    /// <returns>The exit code, and what was written.</returns>
    public static async Task<(int ExitCode, string Output)> SendAsync(string file, int ingress)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Find(), "send", file, "--to", $"http://localhost:{ingress}/events", "--key", "local-development-key"])
        { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("mlevents did not start.");
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.Trim());
    }

    // artifacts/bin/Containers/debug/ lies beside artifacts/bin/Cli/debug/.
    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.GetFullPath(Path.Combine(here.FullName, "..", "..", "Cli", here.Name, "MLEvents.Cli.dll"));
    }
}
