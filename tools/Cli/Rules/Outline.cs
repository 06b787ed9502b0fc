using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Cli.Rules;

/// <summary>Writes JSON in a form similar to YAML, for people.</summary>
internal static class Outline
{
    public static string Write(JsonNode? json) => string.Join('\n', Lines(json));

    private static IEnumerable<string> Lines(JsonNode? json) => json switch
    {
        JsonObject members => members.SelectMany(member => Member(member.Key, member.Value)),
        JsonArray items => items.Select(item => $"- {Short(item)}"),
        _ => [Short(json)],
    };

    private static IEnumerable<string> Member(string name, JsonNode? value) => value switch
    {
        JsonObject { Count: 0 } or JsonArray { Count: 0 } => [],
        JsonObject or JsonArray { Count: > 3 } => Lines(value).Select(line => $"  {line}").Prepend($"{name}:"),
        JsonArray items => [$"{name}: {string.Join(", ", items.Select(Short))}"],
        _ when Short(value) is var text && text.Contains('\n', StringComparison.Ordinal) => text.TrimEnd().Split('\n').Select(line => $"  {line}").Prepend($"{name}:"),
        _ => [$"{name}: {Short(value)}"],
    };

    private static string Short(JsonNode? value) =>
        value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String ? scalar.GetValue<string>() : value?.ToJsonString() ?? "null";
}
