using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Primitives;

/// <summary>Reads and writes free-form JSON, the form of most Azure Resource Manager bodies.</summary>
internal static class Json
{
    /// <summary>Rejects duplicate names. Otherwise, duplicates would cause errors later, and only in some readers.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The node at a path of member names, or null when a level is missing or is not an object.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject members && members.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return node;
    }

    /// <summary>The string at a path, or null when it is missing, empty or not a string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>The integer at a path, or <paramref name="fallback"/> when it is missing or not an integer.</summary>
    public static int Number(this JsonNode? node, int fallback, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<int>(out var number) ? number : fallback;

    /// <summary>A copy of the object at a path, or an empty object when it is missing or not an object.</summary>
    public static JsonObject Map(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject members ? members.Copy() : [];

    /// <summary>A deep copy of an object.</summary>
    public static JsonObject Copy(this JsonObject source) => source.DeepClone().AsObject();

    /// <summary>Copies the named members that exist in the source and are not null.</summary>
    public static void CopyFrom(this JsonObject target, JsonNode? source, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (source.At(name) is { } value)
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <summary>The object with a name. An empty object is added when the member is missing or not an object.</summary>
    public static JsonObject GetOrAddObject(this JsonObject source, string name)
    {
        if (source[name] is JsonObject found)
        {
            return found;
        }

        var made = new JsonObject();
        source[name] = made;
        return made;
    }

    /// <summary>The same JSON parsed from text, so that numbers and strings have one representation.</summary>
    public static JsonObject Normalized(this JsonObject source) => JsonNode.Parse(source.ToJsonString())?.AsObject() ?? [];

    /// <summary>A time in the format of Azure: UTC with seven fractional digits.</summary>
    public static string ToAzureTime(this DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads an object or an array of objects.</summary>
    /// <exception cref="JsonException">The node is neither an object nor an array of objects.</exception>
    public static IReadOnlyList<JsonObject> OneOrMany(JsonNode? node) => node switch
    {
        JsonObject one => [one],
        JsonArray many when many.All(item => item is JsonObject) => [.. many.OfType<JsonObject>()],
        _ => throw new JsonException("Expected an object or an array of objects."),
    };
}
