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

    /// <summary>Not handled and not retried: dead-lettered, or dropped without a dead-letter topic.</summary>
    Drop,
}

/// <summary>Reads an app's answer as daprd does: statuses are compared exactly, and a body is read only after 2xx.</summary>
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

    // A 2xx answer whose body is not a JSON object means success.
    private static AppResponseStatus ClassifyBody(byte[] body)
    {
        using var json = GoJson.TryParse(body);
        return json?.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("status", out var status) ? ClassifyStatus(status) : AppResponseStatus.Success;
    }

    private static AppResponseStatus ClassifyStatus(JsonElement status) => (status.ValueKind == JsonValueKind.String ? status.GetString() : "") switch
    {
        "" or "SUCCESS" => AppResponseStatus.Success,
        "DROP" => AppResponseStatus.Drop,
        _ => AppResponseStatus.Retry,
    };
}
