using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Simulator.Tests.OfficialClients;

/// <summary>Runs Azure's clients for JavaScript against the simulator. Their packages are installed below artifacts/, and npm verifies them with the hashes in package-lock.json.</summary>
public sealed class OfficialClientTests
{
    private static readonly string Sources = Repository.PathOf("tests", "Simulator.Tests", "OfficialClients");
    private static readonly string Installed = Repository.PathOf("artifacts", "official-clients");
    private static readonly string[] RegistryErrors = ["ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "FETCH_ERROR", "E403", "E503"];

    [Fact]
    public async Task The_official_clients_accept_every_answer_of_the_simulator()
    {
        await InstallAsync();
        // A run of a factory must not end before the client cancels it.
        await using var simulator = await RunningSimulator.StartAsync(("Clock:FactoryRun", "00:00:05"));

        var (exitCode, output, error) = await RunAsync("node", "calls.js", $"{simulator.Client.BaseAddress}".TrimEnd('/')) ?? (-1, "", "node is not installed");

        Assert.True(exitCode == 0, error);
        var calls = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        Assert.InRange(calls.Count, 38, 100);
        Assert.Empty(calls.Where(call => call[1] != "ok").Select(call => string.Join(": ", call)));
    }

    // The packages of an earlier test run are used again unless the lock file has changed.
    private static async Task InstallAsync()
    {
        Directory.CreateDirectory(Installed);
        var token = TestContext.Current.CancellationToken;
        foreach (var file in (string[])["package.json", "package-lock.json", "calls.js"])
        {
            File.Copy(Path.Combine(Sources, file), Path.Combine(Installed, file), overwrite: true);
        }

        var (marker, hash) = (Path.Combine(Installed, "installed"), Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Sources, "package-lock.json"), token))));
        if (File.Exists(marker) && await File.ReadAllTextAsync(marker, token) == hash)
        {
            return;
        }

        Assert.SkipWhen(await RunAsync("node", "--version") is null, "Node.js is not installed.");
        var installed = await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1", "--fetch-timeout", "30000");
        Assert.SkipWhen(installed is null, "npm is not installed.");
        Assert.SkipWhen(installed is { ExitCode: not 0, Error: var error } && IsAboutTheRegistry(error), "The packages of the official clients cannot be downloaded: the registry of npm cannot be reached.");
        Assert.True(installed is { ExitCode: 0 }, installed?.Error);
        await File.WriteAllTextAsync(marker, hash, token);
    }

    private static bool IsAboutTheRegistry(string error) => RegistryErrors.Any(code => error.Contains(code, StringComparison.Ordinal));

    // Returns null if the program is not installed.
    private static async Task<(int ExitCode, string Output, string Error)?> RunAsync(string program, params string[] arguments)
    {
        var token = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Installed };
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(token);
            limited.CancelAfter(TimeSpan.FromMinutes(2));
            await using var stopping = limited.Token.Register(() => process.Kill(entireProcessTree: true));
            var (output, error) = (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
            await process.WaitForExitAsync(token);
            return (process.ExitCode, await output, await error);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
