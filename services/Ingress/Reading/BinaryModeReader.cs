using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

using MLEvents.Events;

namespace MLEvents.Ingress.Reading;

/// <summary>Reads a CloudEvent in binary mode: attributes in <c>ce-</c> headers, the data in the body.</summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode"/>
internal static class BinaryModeReader
{
    private const string Prefix = "ce-";
    private static readonly JsonSerializerOptions Serializer = new() { MaxDepth = JsonLimits.MaxDepth };

    /// <summary>Whether the attributes are in the headers; a content type of CloudEvents says that they are in the body, whatever headers repeat.</summary>
    public static bool IsBinary(IHeaderDictionary headers) =>
        headers.ContainsKey(Prefix + "specversion")
        && !headers.ContentType.ToString().StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase);

    public static ReadEvents Read(IHeaderDictionary headers, string? contentType, ReadOnlyMemory<byte> body)
    {
        var envelope = new JsonObject();
        foreach (var (name, value) in headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                // Header values are percent-encoded by the binding; names are lower-case attributes.
                envelope[CultureInfo.InvariantCulture.TextInfo.ToLower(name[Prefix.Length..])] = Uri.UnescapeDataString(value.ToString());
            }
        }

        if (IsJson(contentType) && UnicodeCheck.Fault(body) is { } fault)
        {
            return new([], [new($"the CloudEvent in binary mode: {fault}", body)]);
        }

        AddData(envelope, contentType, body);
        using var document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(envelope, Serializer), JsonLimits.Document);
        var (read, error) = CloudEventReader.Read(document.RootElement);
        return read is not null ? new([read], []) : new([], [new($"the CloudEvent in binary mode: {error}", body)]);
    }

    private static void AddData(JsonObject envelope, string? contentType, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return;
        }

        envelope["datacontenttype"] = contentType ?? "application/json";
        if (IsJson(contentType))
        {
            envelope["data"] = JsonNode.Parse(EventReader.WithoutByteOrderMark(body).Span, documentOptions: JsonLimits.Document);
        }
        else if (contentType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true && Utf8.IsValid(body.Span))
        {
            envelope["data"] = Encoding.UTF8.GetString(body.Span);
        }
        else
        {
            envelope["data_base64"] = Convert.ToBase64String(body.Span);
        }
    }

    private static bool IsJson(string? contentType) =>
        contentType is null
        || contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
        || contentType.Split(';')[0].TrimEnd().EndsWith("+json", StringComparison.OrdinalIgnoreCase);
}
