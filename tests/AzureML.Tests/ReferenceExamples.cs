using System.Text.Json.Nodes;

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
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var examples = Path.Combine(folder.FullName, "shared", "reference", "arm");
            if (Directory.Exists(examples))
            {
                return examples;
            }
        }

        Assert.Skip("The folder shared/reference/arm is not beside this checkout, so the official examples are not read.");
        return "";
    }
}
