using System.Text.Json;
using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>What an app's answer to a delivery means.</summary>
internal enum AppResponseStatus
{
    /// <summary>Handled.</summary>
    Success,

    /// <summary>To be delivered again.</summary>
    Retry,

    /// <summary>Given up: dead letter, or gone.</summary>
    Drop,
}

/// <summary>Reads an app's answer as daprd does: statuses compare exactly, and a body counts on 2xx only.</summary>
internal static class AppResponseStatuses
{
    public static AppResponseStatus Of(AppResponse response)
    {
        if (response.Status == StatusCodes.Status404NotFound)
        {
            return AppResponseStatus.Drop;
        }

        return response.IsSuccess ? OfBody(response.Body) : AppResponseStatus.Retry;
    }

    // Text, HTML or nothing at all: the app answered 2xx and has no more to say.
    private static AppResponseStatus OfBody(byte[] body)
    {
        using var json = GoJson.TryParse(body);
        return json?.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("status", out var status) ? OfStatus(status) : AppResponseStatus.Success;
    }

    private static AppResponseStatus OfStatus(JsonElement status) => (status.ValueKind == JsonValueKind.String ? status.GetString() : "") switch
    {
        "" or "SUCCESS" => AppResponseStatus.Success,
        "DROP" => AppResponseStatus.Drop,
        _ => AppResponseStatus.Retry,
    };
}
