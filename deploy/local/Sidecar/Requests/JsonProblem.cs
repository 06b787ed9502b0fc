using System.Text.Json;

namespace MLEvents.Local.Sidecar.Requests;

/// <summary>Describes an unreadable JSON body to the caller. The serializer's own message names .NET types, which mean nothing to the caller.</summary>
internal static class JsonProblem
{
    /// <summary>What is wrong, and where: path, line and byte, both from 1.</summary>
    public static string Describe(JsonException exception)
    {
        // The serializer wraps the reader's exception; a value of the wrong type has no such cause.
        var problem = exception.InnerException is JsonException || exception.Path is null ? "malformed JSON" : "a JSON value has the wrong type";
        return $"{problem} at {exception.Path ?? "$"} (line {exception.LineNumber.GetValueOrDefault() + 1}, byte {exception.BytePositionInLine.GetValueOrDefault() + 1})";
    }
}
