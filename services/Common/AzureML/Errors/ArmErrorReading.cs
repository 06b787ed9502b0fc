using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;

namespace MLEvents.AzureML;

/// <summary>Reads the error of an answer: <c>{"error": {…}}</c> of Resource Manager, the same without the wrapping, and Data Factory's wrapped details.</summary>
internal static class ArmErrorReading
{
    public static ArmError? Read(Response? response)
    {
        try
        {
            return response?.ContentStream is null ? null : Read(JsonNode.Parse(response.Content.ToMemory().Span) as JsonObject);
        }
        catch (JsonException)
        {
            // A gateway's page instead of an error: the status alone has to do.
            return null;
        }
    }

    public static ArmError? Read(JsonObject? body)
    {
        var error = body.Object("error") ?? body;
        var code = error.Text("code");
        var message = error.Text("message");
        return string.IsNullOrEmpty(code) && string.IsNullOrEmpty(message)
            ? null
            : new ArmError(
                string.IsNullOrEmpty(code) ? "Unknown" : code,
                message ?? "",
                error.Text("target") is { Length: > 0 } target ? target : null,
                [.. error.Objects("details").Select(Read).OfType<ArmError>()]);
    }
}
