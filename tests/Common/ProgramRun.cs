using System.Diagnostics;

namespace MLEvents.Tests.Common;

/// <summary>A program that a test ran until it exited.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">The standard output.</param>
/// <param name="Error">The standard error.</param>
public sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a program until it exits.</summary>
    /// <param name="start">The program. Its output is redirected.</param>
    /// <param name="cancellationToken">Ends the wait. The program continues.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program is not installed.</exception>
    public static Task<ProgramRun> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken) => RunAsync(start, input: null, cancellationToken);

    /// <summary>Runs a program until it exits.</summary>
    /// <param name="start">The program. Its output is redirected.</param>
    /// <param name="input">The standard input; null if it is not redirected.</param>
    /// <param name="cancellationToken">Ends the wait. The program continues.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program is not installed.</exception>
    public static async Task<ProgramRun> RunAsync(ProcessStartInfo start, string? input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (input is not null, true, true);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }

        await process.WaitForExitAsync(cancellationToken);
        return new(process.ExitCode, await output, await error);
    }
}
