using System.Diagnostics;

namespace MLEvents.Tests.Common;

/// <summary><c>mlevents</c>, as the process that a user starts. A project that uses it needs a reference to tools/Cli, so that the program is built.</summary>
public static class CommandLineTool
{
    /// <summary>The assembly of the program: artifacts/bin/X.Tests/debug/ and artifacts/bin/Cli/debug/ have the same parent folder.</summary>
    public static string Program { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "MLEvents.Cli.dll"));

    /// <summary>Runs the program in the root of the checkout.</summary>
    /// <returns>The exit code and the output.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("mlevents did not start.");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output.Trim());
    }
}
