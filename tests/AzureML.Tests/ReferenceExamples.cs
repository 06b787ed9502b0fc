using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

namespace MLEvents.AzureML.Tests;

/// <summary>Azure's official examples, which lie beside the checkout and not in it.</summary>
internal static class ReferenceExamples
{
    /// <summary>The body that an example answers with.</summary>
    public static JsonObject Body(string example, string status = "200")
    {
        var file = Path.Combine(Folder(), example);
        return JsonNode.Parse(File.ReadAllText(file))?["responses"]?[status]?["body"]?.AsObject() ?? [];
    }

    private static string Folder()
    {
        Assert.SkipWhen(Repository.Reference is null, "The folder shared/reference (MLEVENTS_REFERENCE) is not beside this checkout, so the official examples are not read.");
        return Path.Combine(Repository.Reference, "arm");
    }
}
