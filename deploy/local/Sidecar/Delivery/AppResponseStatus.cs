using System.Text.Json;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>The meaning of an app's answer to a delivery.</summary>
internal enum AppResponseStatus
{
    /// <summary>Handled.</summary>
    Success,

    /// <summary>Not handled: the sidecar retries the delivery.</summary>
    Retry,

    /// <summary>Not handled and not retried: dead-lettered, or dropped if there is no dead-letter topic.</summary>
    Drop,
}

/// <summary>Reads an app's answer as daprd does. The value of <c>status</c> is case-sensitive, and the body is read only if the HTTP status is 2xx.</summary>
internal static class AppResponseStatuses
{
    public static AppResponseStatus Classify(AppResponse response)
    {
        if (response.Status == StatusCodes.Status404NotFound)
        {
            return AppResponseStatus.Drop;
        }

        return response.IsSuccess ? ClassifyBody(response.Body) : AppResponseStatus.Retry;
    }

    // A 2xx answer that does not begin with a JSON object, or whose status is not a string, means success.
    private static AppResponseStatus ClassifyBody(byte[] body)
    {
        using var json = GoJson.TryParseFirst(body);
        return json?.RootElement.ValueKind == JsonValueKind.Object ? ClassifyStatus(ReadStatus(json.RootElement)) : AppResponseStatus.Success;
    }

    // daprd decodes into a Go struct: the letter case of the name does not matter, the last of several members with this name counts, and null changes nothing.
    private static string ReadStatus(JsonElement answer)
    {
        var status = "";
        foreach (var member in answer.EnumerateObject().Where(member => member.Name.Equals("status", StringComparison.OrdinalIgnoreCase)))
        {
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.String:
                    status = member.Value.GetString() ?? "";
                    break;
                case JsonValueKind.Null:
                    break;
                default:
                    return "";
            }
        }

        return status;
    }

    private static AppResponseStatus ClassifyStatus(string status) => status switch
    {
        "" or "SUCCESS" => AppResponseStatus.Success,
        "DROP" => AppResponseStatus.Drop,
        _ => AppResponseStatus.Retry,
    };
}
