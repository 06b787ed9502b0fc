using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>Starts the program of the local host.</summary>
internal static class HostProgram
{
    /// <summary>
    /// Starts the host with redirected output. If the environment variable <c>DAPRD</c> names a program, the host starts this program for each service. If <c>COMPONENTS</c> names
    /// a folder, the host uses its component files.
    /// </summary>
    /// <param name="arguments">The arguments of the command line.</param>
    /// <param name="daprd">The daprd program for each service. Null: the program in <c>DAPRD</c>, or the embedded sidecar if <c>DAPRD</c> is not set.</param>
    /// <param name="environment">More environment variables.</param>
    public static Process Start(IEnumerable<string> arguments, string? daprd = null, params IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = BuiltProgram.StartInfo("Host", "MLEvents.Local.Host", arguments);
        if (!File.Exists(start.ArgumentList[0]))
        {
            throw new FileNotFoundException($"{start.ArgumentList[0]} is missing; build deploy/local/Host in the configuration of the tests.", start.ArgumentList[0]);
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
}
