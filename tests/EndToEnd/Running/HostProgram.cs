using System.Diagnostics;

namespace MLEvents.EndToEnd.Running;

/// <summary>Finds the local host's program and starts it.</summary>
internal static class HostProgram
{
    private const string Assembly = "MLEvents.Local.Host.dll";

    /// <summary>
    /// Starts the host with redirected output. If the variable <c>DAPRD</c> names a program, the host starts it for each service. If <c>COMPONENTS</c> names
    /// a folder, the host uses its component files.
    /// </summary>
    /// <param name="arguments">The arguments of the command line.</param>
    /// <param name="daprd">The daprd program for each service. Null: the program in <c>DAPRD</c>; if that is not set, the embedded sidecar.</param>
    /// <param name="environment">More environment variables.</param>
    public static Process Start(IEnumerable<string> arguments, string? daprd = null, params IEnumerable<KeyValuePair<string, string>> environment)
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

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        if (daprd is not null)
        {
            start.Environment["DAPRD"] = daprd;
        }

        if (start.Environment.TryGetValue("DAPRD", out var program) && program is { Length: > 0 })
        {
            start.ArgumentList.Add("--dapr=daprd");
        }

        if (Environment.GetEnvironmentVariable("COMPONENTS") is { Length: > 0 } components)
        {
            start.ArgumentList.Add($"--components={components}");
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The host's process did not start.");
    }

    // artifacts/bin/EndToEnd/debug/ and artifacts/bin/Host/debug/ have the same parent folder.
    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var file = Path.GetFullPath(Path.Combine(here.FullName, "..", "..", "Host", here.Name, Assembly));
        return File.Exists(file) ? file : throw new FileNotFoundException($"{file} is missing; build deploy/local/Host in the configuration of the tests.", file);
    }
}
