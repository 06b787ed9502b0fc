using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Cli.Filters;

/// <summary>A filter as a Bicep parameter named <c>filter</c>, in the form of an event subscription's <c>properties.filter</c>.</summary>
internal static class BicepParameters
{
    public static string Write(JsonObject filter) => $"param filter = {Value(filter, 0)}";

    private static string Value(JsonNode? value, int depth) => value switch
    {
        JsonObject members => Block('{', members.Select(member => $"{member.Key}: {Value(member.Value, depth + 1)}"), '}', depth),
        JsonArray items => Block('[', items.Select(item => Value(item, depth + 1)), ']', depth),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => Quoted(text.GetValue<string>()),
        JsonValue number when number.GetValueKind() == JsonValueKind.Number => Number(number.ToJsonString()),
        null => "null",
        _ => value.ToJsonString(),
    };

    private static string Block(char open, IEnumerable<string> lines, char close, int depth)
    {
        var inner = new string(' ', (depth + 1) * 2);
        return $"{open}\n{string.Concat(lines.Select(line => $"{inner}{line}\n"))}{new string(' ', depth * 2)}{close}";
    }

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("${", "\\${", StringComparison.Ordinal)}'";

    // A number in Bicep can only be an integer. The function 'json' creates other numbers.
    private static string Number(string number) => number.All(letter => char.IsAsciiDigit(letter) || letter == '-') ? number : $"json('{number}')";
}
