using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MLEvents.Events.Reading;

/// <summary>Checks the attributes of an event against CloudEvents 1.0.</summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes"/>
internal static class AttributeCheck
{
    private const string AttributeTypes = "a string, a boolean or an integer of 32 bits";

    // Event Grid writes '#' as the schema of an event that has none: https://learn.microsoft.com/azure/event-grid/cloud-event-schema
    private const string NoSchema = "#";

    private static readonly string[] Identity = ["id", "source", "type"];
    private static readonly string[] OptionalTexts = ["subject", "time", "datacontenttype", "dataschema"];
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    // Almost all events come from few workspaces, and the URI check is the slowest one, so the last valid source is cached.
    private static volatile string _lastSource = "";

    /// <summary>Describes the first fault; null if there is none.</summary>
    /// <param name="members">The event's members by their CloudEvents names.</param>
    /// <param name="nameOf">Maps the CloudEvents name of an attribute to the name in the sender's schema.</param>
    public static string? FindFault(Dictionary<string, JsonElement> members, Func<string, string> nameOf) =>
        FindFirst(Identity, members, nameOf, FindIdentityFault)
        ?? FindFirst(OptionalTexts, members, nameOf, FindTextFault)
        ?? FindVersionFault(members)
        ?? FindTimeFault(members, nameOf("time"))
        ?? FindNameFault(members)
        ?? FindValueFault(members, nameOf)
        ?? FindSchemaFault(members)
        ?? FindDataFault(members);

    /// <summary>The text of an attribute; empty if it is missing or not a string.</summary>
    public static string Text(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static string? FindFirst(
        string[] names, Dictionary<string, JsonElement> members, Func<string, string> nameOf, Func<Dictionary<string, JsonElement>, string, string, string?> find)
    {
        foreach (var name in names)
        {
            if (find(members, name, nameOf(name)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FindIdentityFault(Dictionary<string, JsonElement> members, string name, string shown)
    {
        var text = Text(members, name);
        return FindTextFault(members, name, shown)
            ?? (text.Length == 0 ? $"'{shown}' is missing or empty"
            : HasControlCharacter(text) ? $"'{shown}' holds a control character"
            : name == "source" && !IsUriReference(text) ? $"'{shown}' is not a URI reference"
            : null);
    }

    private static string? FindTextFault(Dictionary<string, JsonElement> members, string name, string shown) =>
        members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.String ? $"'{shown}' is a JSON {value.ValueKind}, not a string" : null;

    private static string? FindVersionFault(Dictionary<string, JsonElement> members) =>
        FindTextFault(members, "specversion", "specversion")
        ?? Text(members, "specversion") switch
        {
            "1.0" => null,
            "" => "'specversion' is missing or empty; the supported version is 1.0",
            var version => $"'specversion' is '{DisplayText.Shorten(version)}'; the supported version is 1.0",
        };

    private static string? FindTimeFault(Dictionary<string, JsonElement> members, string shown) =>
        members.ContainsKey("time") && !Rfc3339.TryParse(Text(members, "time"), out _)
            ? $"'{shown}' is '{DisplayText.Shorten(Text(members, "time"))}', which is not an RFC 3339 time; an example is 2026-03-04T05:06:07Z"
            : null;

    private static string? FindNameFault(Dictionary<string, JsonElement> members) =>
        members.Keys.FirstOrDefault(name => name is not "data_base64" && (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))) is not { } name ? null
            : name.Length == 0 ? "the name of an attribute is empty"
            : $"the attribute name '{DisplayText.Shorten(name)}' contains characters other than a-z and 0-9";

    // Finds an attribute whose value CloudEvents does not allow. SDKs refuse to read an event with such a value.
    private static string? FindValueFault(Dictionary<string, JsonElement> members, Func<string, string> nameOf)
    {
        foreach (var (name, value) in members)
        {
            if (name is "data" or "data_base64" || IsLeftOut(name))
            {
                continue;
            }

            var fault = value.ValueKind switch
            {
                JsonValueKind.String => HasControlCharacter(value) ? "holds a control character" : null,
                JsonValueKind.True or JsonValueKind.False => null,
                JsonValueKind.Number when value.TryGetInt32(out _) => null,
                JsonValueKind.Number => $"is '{DisplayText.Shorten(value.GetRawText())}', not {AttributeTypes}",
                var kind => $"is a JSON {kind}, not {AttributeTypes}",
            };
            if (fault is not null)
            {
                return $"'{nameOf(name)}' {fault}";
            }
        }

        return null;
    }

    // An event with an invalid trace context is accepted, and the envelope gets another trace context.
    private static bool IsLeftOut(string name) => name is "traceparent" or "tracestate";

    private static string? FindSchemaFault(Dictionary<string, JsonElement> members) =>
        members.ContainsKey("dataschema") && Text(members, "dataschema") is var schema && schema != NoSchema && !IsAbsoluteUri(schema)
            ? $"'dataschema' is '{DisplayText.Shorten(schema)}', which is not an absolute URI"
            : null;

    // On Linux, Uri treats a text that begins with a slash as the absolute URI of a file.
    private static bool IsAbsoluteUri(string text) => !text.StartsWith('/') && Uri.TryCreate(text, UriKind.Absolute, out _);

    private static string? FindDataFault(Dictionary<string, JsonElement> members)
    {
        if (!members.TryGetValue("data_base64", out var encoded))
        {
            return null;
        }

        return members.ContainsKey("data") ? "it has both 'data' and 'data_base64'"
            : encoded.ValueKind != JsonValueKind.String || !Base64.IsValid(encoded.GetString()) ? "'data_base64' is not a string in base64"
            : null;
    }

    // A text can contain a control character only if it has one of three bytes: a backslash (JSON escapes U+0000 to U+001F), 7F, or C2 (in UTF-8 the first byte of U+0080 to U+009F).
    // Most texts have none of these bytes and need no decoding.
    private static bool HasControlCharacter(JsonElement text) => JsonMarshal.GetRawUtf8Value(text).ContainsAny((byte)'\\', (byte)0x7F, (byte)0xC2) && HasControlCharacter(text.GetString());

    // The ranges of char.IsControl.
    private static bool HasControlCharacter(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\u0000', '\u001F') || text.ContainsAnyInRange('\u007F', '\u009F');

    private static bool IsUriReference(string text)
    {
        if (text == _lastSource)
        {
            return true;
        }

        var isValid = Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _);
        _lastSource = isValid ? text : _lastSource;
        return isValid;
    }
}
