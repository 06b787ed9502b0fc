using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MLEvents.Benchmarks;

/// <summary>Describes the machine and the build, which measurements depend on.</summary>
internal static class Machine
{
    public static async Task WriteAsync(string which, TextWriter output)
    {
        var table = new MarkdownTable("measured on", "");
        table.Add("processor", $"{Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}");
        table.Add("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB");
        table.Add("operating system", RuntimeInformation.OSDescription);
        table.Add(".NET", RuntimeInformation.FrameworkDescription);
        table.Add("commit", Commit());
        table.Add("load before", Load());
        table.Add("at", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        table.Add("command", $"`dotnet run -c Release --project tests/Benchmarks -- {which}`");
        await table.WriteAsync(output);
    }

    // The SDK appends a plus and the commit to the version.
    private static string Commit() =>
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit, ..] ? commit : "unknown";

    private static string Load() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) + " (1, 5, 15 min)" : "unknown";
}
