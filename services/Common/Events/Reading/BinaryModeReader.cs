using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace MLEvents.Events.Reading;

/// <summary>Reads a CloudEvent in binary mode: attributes in <c>ce-</c> headers, the data in the body.</summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode"/>
public static class BinaryModeReader
{
    /// <summary>The prefix of the attribute headers.</summary>
    public const string Prefix = "ce-";

    private static readonly JsonTypeInfo<string> Relaxed = new EventsJson(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).String;

    /// <summary>Reads the event of a request.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="contentType">The content type of the data; null counts as JSON.</param>
    /// <param name="body">The data.</param>
    /// <param name="refuse">Returns the reason why a readable event is refused, or null to accept it. Without this function, every event is accepted.</param>
    /// <exception cref="JsonException">The content type is JSON and the body is not.</exception>
    public static EventBatch Read(IEnumerable<KeyValuePair<string, string>> headers, string? contentType, ReadOnlyMemory<byte> body, Func<EventEnvelope, string?>? refuse = null)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var (name, value) in headers.Where(header => header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            if (!HeaderText.TryDecode(value, out var text))
            {
                return Unreadable($"the header '{DisplayText.Shorten(name)}' is percent-encoded and not valid UTF-8", body);
            }

            members[CultureInfo.InvariantCulture.TextInfo.ToLower(name[Prefix.Length..])] = ToElement(text);
        }

        using var document = IsJson(contentType) && !body.IsEmpty ? JsonDocument.Parse(EventReader.WithoutByteOrderMark(body), JsonLimits.Document) : null;
        if (document is not null && UnicodeCheck.FindFault(document.RootElement) is { } fault)
        {
            return Unreadable(fault, body);
        }

        AddData(members, contentType, body, document);
        var (envelope, error) = EnvelopeBuilder.Build(members, name => name);
        error ??= envelope is null ? null : refuse?.Invoke(envelope);
        return envelope is not null && error is null ? new([envelope], []) : Unreadable(error, body);
    }

    private static EventBatch Unreadable(string? reason, ReadOnlyMemory<byte> body) => new([], [new($"the CloudEvent in binary mode: {reason}", body)]);

    private static void AddData(Dictionary<string, JsonElement> members, string? contentType, ReadOnlyMemory<byte> body, JsonDocument? json)
    {
        if (body.IsEmpty)
        {
            return;
        }

        members["datacontenttype"] = ToElement(contentType ?? "application/json");
        if (json is not null)
        {
            members["data"] = json.RootElement;
        }
        else if (contentType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true && Utf8.IsValid(body.Span))
        {
            members["data"] = ToElement(Encoding.UTF8.GetString(body.Span));
        }
        else
        {
            members["data_base64"] = ToElement(Convert.ToBase64String(body.Span));
        }
    }

    private static JsonElement ToElement(string text) => JsonSerializer.SerializeToElement(text, Relaxed);

    private static bool IsJson(string? contentType) =>
        contentType is null
        || contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
        || contentType.Split(';')[0].TrimEnd().EndsWith("+json", StringComparison.OrdinalIgnoreCase);
}
