using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator;

/// <summary>Reading and writing free-form JSON, which is what most of Azure Resource Manager is made of.</summary>
internal static class Json
{
    /// <summary>Refuses duplicate names, which would fail much later and only for some readers.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The node at a path of member names, or null when any level is missing or is no object.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject members && members.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return node;
    }

    /// <summary>The text at a path, or null when there is none or it is empty or no string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>The whole number at a path, or a fallback.</summary>
    public static int Number(this JsonNode? node, int fallback, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<int>(out var number) ? number : fallback;

    /// <summary>A copy of the object at a path; an empty one when there is none.</summary>
    public static JsonObject Map(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject members ? members.Copy() : [];

    /// <summary>A deep copy of an object.</summary>
    public static JsonObject Copy(this JsonObject source) => source.DeepClone().AsObject();

    /// <summary>Copies one member, when it is there, from one object to another.</summary>
    public static void TakeFrom(this JsonObject target, JsonNode? source, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (source.At(name) is { } value)
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <summary>The object at a path, made when it is missing.</summary>
    public static JsonObject Need(this JsonObject source, string name)
    {
        if (source[name] is JsonObject found)
        {
            return found;
        }

        var made = new JsonObject();
        source[name] = made;
        return made;
    }

    /// <summary>The same JSON as freshly parsed text, so that every number and string is read alike.</summary>
    public static JsonObject Normalized(this JsonObject source) => JsonNode.Parse(source.ToJsonString())?.AsObject() ?? [];

    /// <summary>A moment the way Azure writes it: seven fractional digits, UTC.</summary>
    public static string Wire(this DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads an object or an array of objects.</summary>
    /// <exception cref="JsonException">The text is neither.</exception>
    public static IReadOnlyList<JsonObject> OneOrMany(JsonNode? node) => node switch
    {
        JsonObject one => [one],
        JsonArray many when many.All(item => item is JsonObject) => [.. many.OfType<JsonObject>()],
        _ => throw new JsonException("Expected an object or an array of objects."),
    };
}
