using System.Text.Json;

namespace MLEvents.Events;

/// <summary>Lenient reading of an event's data: member names ignore case and numbers may be strings, for Azure ML writes both.</summary>
/// <remarks>Official samples write <c>ModelVersion: 20</c>, recorded events <c>modelVersion: "3"</c>.</remarks>
public static class EventData
{
    /// <summary>Finds a member; an exact match of the name wins over one that differs in case.</summary>
    /// <returns>The member's value, or null when there is none or <paramref name="data"/> is no object.</returns>
    public static JsonElement? Member(JsonElement data, string name)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (data.TryGetProperty(name, out var exact))
        {
            return exact;
        }

        foreach (var property in data.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value;
            }
        }

        return null;
    }

    /// <summary>Reads a member as text: strings as they are, numbers and booleans as written.</summary>
    /// <returns>The text, or null when the member is missing, null, an object or an array.</returns>
    public static string? Text(JsonElement data, string name) => Member(data, name) is { } value
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        }
        : null;

    /// <summary>Reads a dictionary of texts, such as <c>modelTags</c>; its keys keep their case and are looked up ignoring it.</summary>
    /// <returns>An empty dictionary when the member is missing or is no object.</returns>
    public static IReadOnlyDictionary<string, string> Texts(JsonElement data, string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (Member(data, name) is { ValueKind: JsonValueKind.Object } values)
        {
            foreach (var property in values.EnumerateObject())
            {
                if (Text(values, property.Name) is { } text)
                {
                    texts[property.Name] = text;
                }
            }
        }

        return texts;
    }
}
