using System.Globalization;
using System.Text.Json;

namespace MLEvents.Ingress.Reading;

/// <summary>Reads the attributes of an event, in either schema.</summary>
internal static class Attribute
{
    /// <summary>The first of the names that is missing, empty or no string, said in words; null if all are there.</summary>
    public static string? Required(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Text(element, name).Length == 0)
            {
                return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.String
                    ? $"'{name}' is a JSON {value.ValueKind}, not a string"
                    : $"'{name}' is missing or empty";
            }

            if (name is "source" or "topic" && !Uri.TryCreate(Text(element, name), UriKind.RelativeOrAbsolute, out _))
            {
                return $"'{name}' is not a URI reference";
            }
        }

        return null;
    }

    /// <summary>The text of an attribute; empty if it is missing or no string.</summary>
    public static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    /// <summary>The time in an attribute; null if it is missing or no RFC 3339 time.</summary>
    public static DateTimeOffset? Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
