using System.Diagnostics;

namespace MLEvents.Tests.Common;

/// <summary>Runs <c>mlevents</c> as a process, as a user does. A test project that uses this class needs a reference to tools/Cli, so that the program is built.</summary>
public static class CommandLineTool
{
    /// <summary>The path of the program's assembly.</summary>
    public static string Program { get; } = BuiltProgram.PathOf("Cli", "MLEvents.Cli");

    /// <summary>Runs the program in the root of the checkout.</summary>
    /// <returns>The exit code and the output.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var run = await ProgramRun.RunAsync(new ProcessStartInfo(BuiltProgram.DotNet, [Program, .. arguments]) { WorkingDirectory = Repository.Root }, cancellationToken);
        return (run.ExitCode, run.Output.Trim());
    }
}
