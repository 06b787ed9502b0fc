using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;

namespace MLEvents.Manifests.Azure;

/// <summary>Compiles Bicep files with the Bicep compiler.</summary>
internal static class BicepFile
{
    private static readonly string Compiler =
        typeof(BicepFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "BicepPath").Value?.Replace('\\', '/') ?? "";

    private static readonly ConcurrentDictionary<string, Task<ProgramRun>> Built = new();

    public static async Task<ProgramRun> RunAsync(params IEnumerable<string> arguments)
    {
        Assert.SkipUnless(File.Exists(Compiler), "The package of the Bicep compiler is for Linux only.");
        return await Tool.RunAsync(Compiler, arguments);
    }

    /// <summary>Compiles a Bicep file once. Returns its ARM template.</summary>
    public static async Task<JsonNode> CompileAsync(string file)
    {
        var built = await Built.GetOrAdd(file, file => RunAsync("build", file, "--stdout"));
        Assert.True(built.ExitCode == 0, built.Error);
        return JsonNode.Parse(built.Output) ?? throw new InvalidOperationException();
    }

    /// <summary>All resources of a template and of its modules.</summary>
    public static IEnumerable<JsonNode> Resources(JsonNode template)
    {
        var own = template["resources"] is JsonObject named ? named.Select(pair => pair.Value) : template["resources"]?.AsArray() ?? [];
        foreach (var resource in own.OfType<JsonNode>())
        {
            yield return resource;
            foreach (var inner in resource["properties"]?["template"] is { } module ? Resources(module) : [])
            {
                yield return inner;
            }
        }
    }
}
