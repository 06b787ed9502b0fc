using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>A long-running operation as it is now.</summary>
/// <param name="Id">Its id.</param>
/// <param name="StatusPath">The path of the status resource.</param>
/// <param name="Started">When it began.</param>
/// <param name="EndedAt">When it came to an end; null while it runs.</param>
/// <param name="ErrorCode">The code of its error, or null.</param>
/// <param name="ErrorMessage">The text of its error, or null.</param>
internal sealed record LongOperation(
    string Id, string StatusPath, DateTimeOffset Started, DateTimeOffset? EndedAt = null, string? ErrorCode = null, string? ErrorMessage = null)
{
    /// <summary>Whether it came to an end.</summary>
    public bool Ended => EndedAt is not null;

    private string Status => !Ended ? "InProgress" : ErrorCode is null ? "Succeeded" : "Failed";

    /// <summary>The body of the status resource.</summary>
    public JsonObject Body()
    {
        var body = new JsonObject { ["id"] = StatusPath, ["name"] = Id, ["status"] = Status, ["startTime"] = Started.Wire() };
        if (EndedAt is { } ended)
        {
            body["endTime"] = ended.Wire();
        }

        if (ErrorCode is not null)
        {
            body["error"] = new JsonObject { ["code"] = ErrorCode, ["message"] = ErrorMessage, ["details"] = new JsonArray() };
        }

        return body;
    }
}
