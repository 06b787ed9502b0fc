using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.Tests.Program;

/// <summary>A sidecar in a separate process, which a test can kill.</summary>
internal sealed partial class SidecarProcess : IDisposable
{
    private readonly Process _process;

    private SidecarProcess(Process process, Uri address)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public static async Task<SidecarProcess> StartAsync(string arguments)
    {
        var process = Launch(arguments);
        try
        {
            return new SidecarProcess(process, await ReadAddressAsync(process));
        }
        catch
        {
            End(process);
            throw;
        }
    }

    /// <summary>Runs a sidecar that ends by itself, for instance because it cannot start. Waits for its end.</summary>
    public static async Task<(int ExitCode, string Error)> RunAsync(string arguments)
    {
        var process = Launch(arguments);
        try
        {
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, error);
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Ends the process with SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the process with SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", $"-TERM {_process.Id}");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        End(_process);
        Http.Dispose();
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private static async Task<Uri> ReadAddressAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (Address().Match(line) is { Success: true } match)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new Uri(match.Groups[1].Value);
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static Process Launch(string arguments)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "MLEvents.Local.Sidecar.dll");
        var start = new ProcessStartInfo(BuiltProgram.DotNet, $"\"{assembly}\" {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    [GeneratedRegex("HTTP API on (http://[^ ,]+)")]
    private static partial Regex Address();
}
