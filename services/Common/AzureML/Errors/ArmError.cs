using System.Text.Json;
using System.Text.Json.Nodes;

using Azure;

using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.Errors;

/// <summary>An error as Azure Resource Manager words it.</summary>
/// <param name="Code">The error's code, for example <c>ResourceNotFound</c>.</param>
/// <param name="Message">Text for people.</param>
/// <param name="Target">What it is about; <see langword="null"/> when not told.</param>
/// <param name="Details">The errors under it, possibly none.</param>
public sealed record ArmError(string Code, string Message, string? Target, IReadOnlyList<ArmError> Details)
{
    /// <summary>Code, message, target and all details in one line.</summary>
    public override string ToString()
    {
        var text = Target is null ? $"{Code}: {Message}" : $"{Code}: {Message} (target {Target})";
        return Details.Count == 0 ? text : $"{text} [{string.Join("; ", Details)}]";
    }
}

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
