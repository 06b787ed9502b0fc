using System.Diagnostics;

namespace MLEvents.Benchmarks;

/// <summary>Programs that were built together with this one.</summary>
internal static class Built
{
    /// <summary>Returns the start information of a built program.</summary>
    /// <param name="project">The project's folder below artifacts/bin.</param>
    /// <param name="assembly">The assembly's name.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static ProcessStartInfo Program(string project, string assembly, IEnumerable<string> arguments)
    {
        // artifacts/bin/<project>/<configuration>, like the folder of this program.
        var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var file = Path.GetFullPath(Path.Combine(own.FullName, "..", "..", project, own.Name, $"{assembly}.dll"));
        return new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [file, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
