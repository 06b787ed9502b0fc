using System.Text.Json;
using System.Text.Json.Nodes;

using Azure;

using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.Errors;

/// <summary>An error of Azure Resource Manager.</summary>
/// <param name="Code">The error's code, for instance <c>ResourceNotFound</c>; <c>Unknown</c> if the answer contains none.</param>
/// <param name="Message">The description for people.</param>
/// <param name="Target">The resource or property that the error concerns; <see langword="null"/> if the answer names none.</param>
/// <param name="Details">The nested errors, possibly none.</param>
public sealed record ArmError(string Code, string Message, string? Target, IReadOnlyList<ArmError> Details)
{
    /// <summary>Code, message, target and all details in one line.</summary>
    public override string ToString()
    {
        var text = Target is null ? $"{Code}: {Message}" : $"{Code}: {Message} (target {Target})";
        return Details.Count == 0 ? text : $"{text} [{string.Join("; ", Details)}]";
    }
}

/// <summary>Reads the error of an answer. The error is in the member <c>error</c>, or is the whole body.</summary>
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
            // The body is not JSON, for instance the HTML page of a gateway. The error then consists of the status only.
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
