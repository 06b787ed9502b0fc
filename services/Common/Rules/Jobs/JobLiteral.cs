using System.Globalization;

using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Writes the values of literal inputs as the Azure CLI does: the REST API accepts each value only as a string.</summary>
internal static class JobLiteral
{
    /// <summary>The type of a literal input in the REST API.</summary>
    public const string InputType = "literal";

    /// <summary>The types by their names in a job file and in a file for <c>az ml batch-endpoint invoke</c>.</summary>
    public static readonly IReadOnlyDictionary<string, LiteralType> Types = new Dictionary<string, LiteralType>
    {
        ["string"] = LiteralType.Text,
        ["integer"] = LiteralType.Integer,
        ["number"] = LiteralType.Number,
        ["boolean"] = LiteralType.Boolean,
    };

    /// <summary>The type of a scalar in a job file.</summary>
    public static LiteralType TypeOf(YamlText text) =>
        text.Bool is not null ? LiteralType.Boolean
        : text.Style != YamlStyle.Plain ? LiteralType.Text
        : IsInteger(text.Value) ? LiteralType.Integer
        : YamlJson.Number(text.Value) is not null ? LiteralType.Number
        : LiteralType.Text;

    /// <summary>The value in the form of the REST API; null if the text is not a value of the type.</summary>
    public static string? Write(string text, LiteralType type) => type switch
    {
        LiteralType.Integer => IsInteger(text) ? text : null,
        LiteralType.Number => YamlJson.Number(text) is not null ? text : null,
        LiteralType.Boolean => bool.TryParse(text, out var value) ? value.ToString() : null,
        _ => text,
    };

    /// <summary>The expected form of a value, for error messages.</summary>
    public static string Describe(LiteralType type) => type switch
    {
        LiteralType.Integer => "a whole number",
        LiteralType.Number => "a number",
        LiteralType.Boolean => "true or false",
        _ => "a string",
    };

    private static bool IsInteger(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
}
