using System.Text.Json.Nodes;
using Azure;

namespace MLEvents.AzureML;

/// <summary>An answer of Azure: its body, empty when there was none, and the resource's ETag, if any.</summary>
internal sealed record ArmAnswer(JsonObject Body, ETag? ETag)
{
    public static ArmAnswer From(Response response)
    {
        // A body is missing from 202 and 204 answers.
        var body = response.ContentStream is null || response.Content.ToMemory().IsEmpty ? [] : JsonNode.Parse(response.Content.ToMemory().Span)?.AsObject() ?? [];
        return new ArmAnswer(body, response.Headers.ETag);
    }
}
