using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>The state of a long-running operation.</summary>
/// <param name="Id">The id of the operation.</param>
/// <param name="StatusPath">The path of the status resource.</param>
/// <param name="Started">When the operation started.</param>
/// <param name="EndedAt">When the operation ended; null while it runs.</param>
/// <param name="ErrorCode">The code of the error; null if the operation runs or succeeded.</param>
/// <param name="ErrorMessage">The message of the error; null if the operation runs or succeeded.</param>
/// <param name="Canceled">Whether the error means that the operation was canceled; false if the operation failed.</param>
internal sealed record LongOperation(
    string Id, string StatusPath, DateTimeOffset Started, DateTimeOffset? EndedAt = null, string? ErrorCode = null, string? ErrorMessage = null, bool Canceled = false)
{
    /// <summary>Whether the operation has ended.</summary>
    public bool Ended => EndedAt is not null;

    private string Status => !Ended ? "InProgress" : ErrorCode is null ? "Succeeded" : Canceled ? "Canceled" : "Failed";

    /// <summary>The body of the status resource.</summary>
    public JsonObject Body()
    {
        var body = new JsonObject { ["id"] = StatusPath, ["name"] = Id, ["status"] = Status, ["startTime"] = Started.ToAzureTime() };
        if (EndedAt is { } ended)
        {
            body["endTime"] = ended.ToAzureTime();
        }

        if (ErrorCode is not null)
        {
            body["error"] = new JsonObject { ["code"] = ErrorCode, ["message"] = ErrorMessage, ["details"] = new JsonArray() };
        }

        return body;
    }
}
