using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

namespace MLEvents.AzureML.Tests;

/// <summary>Azure's official examples. They are in a folder outside of the checkout.</summary>
internal static class ReferenceExamples
{
    /// <summary>The body of the answer in an example.</summary>
    public static JsonObject Body(string example, string status = "200")
    {
        var file = Path.Combine(Folder(), example);
        return JsonNode.Parse(File.ReadAllText(file))?["responses"]?[status]?["body"]?.AsObject() ?? [];
    }

    private static string Folder()
    {
        Assert.SkipWhen(Repository.Reference is null, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so the official examples are not read.");
        return Path.Combine(Repository.Reference, "arm");
    }
}
