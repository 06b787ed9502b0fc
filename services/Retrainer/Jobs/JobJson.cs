using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Retrainer.Jobs;

/// <summary>Reads and writes a job's properties. Azure does not document the form of many of them.</summary>
internal static class JobJson
{
    /// <summary>Returns the object in a member of <paramref name="job"/>. Writes an empty object if the member has another value or does not exist.</summary>
    public static JsonObject Member(this JsonObject job, string name)
    {
        if (job[name] is not JsonObject member)
        {
            job[name] = member = [];
        }

        return member;
    }

    /// <summary>Returns the reason why a job failed; null if the job's properties contain no reason.</summary>
    public static string? ErrorOf(JsonObject job) =>
        Text(job["error"] as JsonObject, "message")
        ?? Text((job["error"] as JsonObject)?["error"] as JsonObject, "message")
        ?? Text(job, "statusMessage")
        ?? (job["services"] as JsonObject)?.Select(service => Text(service.Value as JsonObject, "errorMessage")).FirstOrDefault(text => text is not null);

    /// <summary>Returns the string at a path of member names; null if there is none.</summary>
    public static string? TextAt(JsonNode? json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path[..^1])
        {
            json = (json as JsonObject)?[name];
        }

        return Text(json as JsonObject, path[^1]);
    }

    private static string? Text(JsonObject? json, string name) =>
        json?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } text ? text : null;
}
