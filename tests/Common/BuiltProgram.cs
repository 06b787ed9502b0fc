using System.Diagnostics;

namespace MLEvents.Tests.Common;

/// <summary>Programs of the repository that were built together with the tests.</summary>
public static class BuiltProgram
{
    /// <summary>The <c>dotnet</c> that runs the tests.</summary>
    public static string DotNet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The path of a program. The program is in artifacts/bin/PROJECT/debug/, and the tests run in artifacts/bin/X.Tests/debug/.</summary>
    /// <param name="project">The project's folder below artifacts/bin.</param>
    /// <param name="assembly">The assembly's name.</param>
    public static string PathOf(string project, string assembly)
    {
        var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.GetFullPath(Path.Combine(own.FullName, "..", "..", project, own.Name, $"{assembly}.dll"));
    }

    /// <summary>The start information of a program, with redirected output.</summary>
    /// <param name="project">The project's folder below artifacts/bin.</param>
    /// <param name="assembly">The assembly's name.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static ProcessStartInfo StartInfo(string project, string assembly, IEnumerable<string> arguments) =>
        new(DotNet, [PathOf(project, assembly), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
