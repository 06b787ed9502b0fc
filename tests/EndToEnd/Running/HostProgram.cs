using System.Diagnostics;

namespace MLEvents.EndToEnd.Running;

/// <summary>Finds the local host's program and starts it.</summary>
internal static class HostProgram
{
    private const string Assembly = "MLEvents.Local.Host.dll";

    /// <summary>Starts the host with redirected output.</summary>
    public static Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Find());
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The host's process did not start.");
    }

    // artifacts/bin/EndToEnd/debug/ lies beside artifacts/bin/Host/debug/.
    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var file = Path.GetFullPath(Path.Combine(here.FullName, "..", "..", "Host", here.Name, Assembly));
        return File.Exists(file) ? file : throw new FileNotFoundException($"{file} is missing; build deploy/local/Host in the configuration of the tests.", file);
    }
}
