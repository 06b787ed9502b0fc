using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests;

/// <summary>The .NET tool that <c>dotnet pack tools/Cli</c> creates.</summary>
public sealed class PackedToolTests : IDisposable
{
    // docs/rules.md states the size of the package.
    private const long MaxBytes = 5 * 1024 * 1024;

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_packed_tool_is_small_installs_and_runs()
    {
        // The build of the tests has built the tool in the same configuration.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        await RunAsync("dotnet", "pack", "tools/Cli", "--no-build", "--configuration", configuration, "--output", _folder.Path);
        var package = new FileInfo(Assert.Single(Directory.GetFiles(_folder.Path, "mlevents.*.nupkg")));
        Assert.True(package.Length <= MaxBytes, $"{package.Name} has {package.Length} bytes");

        await RunAsync("dotnet", "tool", "install", "mlevents", "--tool-path", _folder.Path, "--source", _folder.Path);
        var tool = Path.Combine(_folder.Path, OperatingSystem.IsWindows() ? "mlevents.exe" : "mlevents");

        Assert.Matches(@"^\d+\.\d+\.\d+", await RunAsync(tool, "--version"));
        Assert.Contains("rules/alerts.yaml", await RunAsync(tool, "rules", "check", "rules"), StringComparison.Ordinal);
        Assert.Contains("includedEventTypes", await RunAsync(tool, "filter", "rules"), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Root }, Token);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)} exited with {run.ExitCode}: {run.Output} {run.Error}");
        return run.Output;
    }
}
