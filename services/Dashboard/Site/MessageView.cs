using System.Text;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Dashboard.Site;

/// <summary>A message in the quarantine or in the dead letters, from the operator API of the ingress.</summary>
internal sealed record MessageView(string Id, string State, string Reason, string Topic, DateTimeOffset LastReceivedAt, int Size, IReadOnlyDictionary<string, string> Headers, string Content)
{
    /// <summary>The latest replay: the user, the address of the request, the reason and the time. Null if the message was not replayed.</summary>
    public Intervention? ReplayedBy { get; init; }

    /// <summary>Reads the ingress's answer.</summary>
    public static MessageView From(JsonElement item) => new(
        JsonText.Text(item, "id") ?? "",
        JsonText.Text(item, "state") ?? "",
        JsonText.Text(item, "reason") ?? "",
        JsonText.Text(item, "topic") ?? "",
        Rfc3339.TryParse(JsonText.Text(item, "lastReceivedAt"), out var time) ? time : default,
        JsonText.TryMember(item, "size", out var size) && size.TryGetInt32(out var bytes) ? bytes : 0,
        JsonText.Texts(item, "headers"),
        JsonText.TryMember(item, "raw", out var raw) && raw.ValueKind == JsonValueKind.String && raw.TryGetBytesFromBase64(out var content) ? Text(content) : "")
    {
        ReplayedBy = JsonText.TryMember(item, "replayedBy", out var by) && by.ValueKind == JsonValueKind.Object ? by.Deserialize(DashboardJson.Default.Intervention) : null,
    };

    // Content that is not valid UTF-8 is shown in hexadecimal.
    private static string Text(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Convert.ToHexString(bytes);
        }
    }
}
