using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Retrainer.DataFactory;

/// <summary>Converts the parameters of a run to the types that the pipeline declares.</summary>
internal static class FactoryParameters
{
    /// <summary>Converts the values to the declared types.</summary>
    /// <param name="given">The values from the rule, and the values that identify the action.</param>
    /// <param name="declared">The type of each declared parameter, by name.</param>
    /// <returns>The converted values, or all errors.</returns>
    public static (JsonObject? Values, string? Error) Convert(JsonObject given, IReadOnlyDictionary<string, string> declared)
    {
        var (values, errors) = (new JsonObject(), new List<string>());
        foreach (var (name, value) in given)
        {
            if (!declared.TryGetValue(name, out var type))
            {
                errors.Add($"the pipeline declares no parameter '{name}'; declare it with the type String, or remove it from the rule if the rule sets it");
            }
            else if (TryConvert(value, type, out var converted))
            {
                values[name] = converted;
            }
            else
            {
                errors.Add($"the parameter '{name}' is declared as {type}, but {value?.ToJsonString() ?? "null"} is not a value of this type");
            }
        }

        return errors.Count == 0 ? (values, null) : (null, string.Join("; ", errors));
    }

    private static bool TryConvert(JsonNode? value, string type, out JsonNode? converted)
    {
        var text = value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String ? scalar.GetValue<string>() : null;
        converted = type.ToUpperInvariant() switch
        {
            "INT" => Integer(text ?? value?.ToJsonString()),
            "FLOAT" => Number(text ?? value?.ToJsonString()),
            "BOOL" => bool.TryParse(text ?? value?.ToJsonString(), out var flag) ? JsonValue.Create(flag) : null,
            "ARRAY" => (text is null ? value : Parse(text)) as JsonArray,
            "OBJECT" => (text is null ? value : Parse(text)) as JsonObject,
            _ => value is JsonValue ? JsonValue.Create(text ?? value.ToJsonString()) : null,
        };
        converted = converted?.DeepClone();
        return converted is not null;
    }

    private static JsonValue? Integer(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : null;

    private static JsonValue? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : null;

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // A string that is not JSON is not a value of the type. The caller reports the error.
            return null;
        }
    }
}
