using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>Azure's official examples. Tests that need an example are skipped if its file does not exist.</summary>
internal static class Reference
{
    /// <summary>Reads an example. Skips the test if the file does not exist.</summary>
    public static JsonNode Read(string path)
    {
        var file = Path.Combine(Repository.Reference ?? "", path);
        Assert.SkipUnless(File.Exists(file), $"Not run: the file {path} does not exist in the reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference).");
        return JsonNode.Parse(File.ReadAllText(file)) ?? throw new InvalidOperationException(path + " is empty.");
    }

    /// <summary>
    /// Returns the paths of the members of <paramref name="expected"/> that <paramref name="actual"/> does not have. Compares the top level, <c>properties</c> and
    /// <c>systemData</c> of the top level, and any <c>destination</c> in these, including its <c>properties</c>. Other objects are not compared.
    /// </summary>
    public static IEnumerable<string> MissingFrom(this JsonNode? expected, JsonNode? actual, string path = "")
    {
        foreach (var (name, value) in expected as JsonObject ?? [])
        {
            if (actual is not JsonObject members || !members.ContainsKey(name))
            {
                yield return path + name;
            }
            else if (name is "destination" || (name is "properties" or "systemData" && !path.EndsWith("properties.", StringComparison.Ordinal)))
            {
                foreach (var missing in value.MissingFrom(members[name], path + name + "."))
                {
                    yield return missing;
                }
            }
        }
    }
}
