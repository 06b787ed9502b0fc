using System.Diagnostics;

namespace MLEvents.Tests.Common;

/// <summary><c>mlevents</c>, as the process that a user starts. A project that uses it needs a reference to tools/Cli, so that the program is built.</summary>
public static class CommandLineTool
{
    /// <summary>The assembly of the program.</summary>
    public static string Program { get; } = BuiltProgram.PathOf("Cli", "MLEvents.Cli");

    /// <summary>Runs the program in the root of the checkout.</summary>
    /// <returns>The exit code and the output.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var run = await ProgramRun.RunAsync(new ProcessStartInfo(BuiltProgram.DotNet, [Program, .. arguments]) { WorkingDirectory = Repository.Root }, cancellationToken);
        return (run.ExitCode, run.Output.Trim());
    }
}
