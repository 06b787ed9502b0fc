using System.ComponentModel;
using System.Diagnostics;

namespace MLEvents.Manifests;

/// <summary>Runs an installed program in the root of the repository.</summary>
internal static class Tool
{
    /// <summary>Runs the program until it exits.</summary>
    /// <returns>Null if the program is not installed.</returns>
    public static async Task<ProgramRun?> TryRunAsync(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Root };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        try
        {
            return await ProgramRun.RunAsync(start, TestContext.Current.CancellationToken);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Runs the program until it exits. Skips the test if the program is not installed.</summary>
    public static async Task<ProgramRun> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var result = await TryRunAsync(program, arguments);
        Assert.SkipWhen(result is null, $"{program} is not installed.");
        return result ?? throw new InvalidOperationException();
    }
}
