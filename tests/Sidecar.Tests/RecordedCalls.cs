using System.Text;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Sidecar.Tests;

/// <summary>Calls that were recorded with daprd. The recordings are in the reference folder, outside of the checkout.</summary>
internal static class RecordedCalls
{
    /// <summary>Reads a recording. Skips the test if the folder does not exist.</summary>
    public static JsonObject Read(string file)
    {
        Assert.SkipWhen(Repository.Reference is null, $"The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so the recording dapr/{file} is not replayed.");
        return JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Reference, "dapr", file)))?.AsObject() ?? [];
    }

    /// <summary>Returns the text of a JSON string, the JSON of any other value, and an empty string for null.</summary>
    public static string Text(JsonNode? node) => node is null ? "" : node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node.ToJsonString();

    /// <summary>Sends a recorded HTTP request.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, JsonNode recorded, Func<string, string> rewrite, CancellationToken token)
    {
        var line = rewrite(Text(recorded["line"])).Split(' ', 2);
        using var request = new HttpRequestMessage(HttpMethod.Parse(line[0]), new Uri(line[1], UriKind.Relative));
        if (recorded["body"] is { } body)
        {
            request.Content = new StringContent(rewrite(Text(body)), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in recorded["headers"]?.AsObject().Where(header => header.Key != "Content-Type") ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, rewrite(Text(value)));
        }

        return await client.SendAsync(request, token);
    }
}
