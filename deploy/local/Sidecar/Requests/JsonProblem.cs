using System.Text.Json;

namespace MLEvents.Local.Sidecar.Requests;

/// <summary>Creates the error text for a JSON body that cannot be read. The message of the serializer contains .NET types, which do not help the caller.</summary>
internal static class JsonProblem
{
    /// <summary>Returns the problem and its place: the path, and the line and byte counted from 1.</summary>
    public static string Describe(JsonException exception)
    {
        // The serializer wraps the exception of the reader. The error for a value of the wrong type has no inner exception of the reader.
        var problem = exception.InnerException is JsonException || exception.Path is null ? "malformed JSON" : "a JSON value has the wrong type";
        return $"{problem} at {exception.Path ?? "$"} (line {exception.LineNumber.GetValueOrDefault() + 1}, byte {exception.BytePositionInLine.GetValueOrDefault() + 1})";
    }
}
