using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace MLEvents.Rules;

/// <summary>Writes values and whole outputs as a target needs them.</summary>
internal static class TemplateWriter
{
    private const int MaxHeader = 200;
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly JavaScriptEncoder Json = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private static readonly JsonSerializerOptions Readable = new() { Encoder = Json };

    /// <summary>A value as text of the target. JSON made by the <c>json</c> filter is not escaped again where JSON is written.</summary>
    public static string Value(object value, TemplateTarget target) => target switch
    {
        TemplateTarget.Html => Html.Encode(TextOf(value)),
        TemplateTarget.Json when value is JsonFragment json => json.Text,
        TemplateTarget.Json => Json.Encode(TextOf(value)),
        _ => TextOf(value),
    };

    /// <summary>A value as JSON.</summary>
    public static JsonFragment ToJson(object? value) => new(JsonSerializer.Serialize(value is JsonFragment json ? json.Text : value, Readable));

    /// <summary>The whole output, made to fit the target.</summary>
    /// <exception cref="TemplateException">The output is not the JSON that it should be.</exception>
    public static string Whole(string output, TemplateTarget target) => target switch
    {
        TemplateTarget.Header => OneLine(output),
        TemplateTarget.Argument => output.Trim(),
        TemplateTarget.Json => CheckedJson(output),
        _ => output,
    };

    private static string TextOf(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        JsonFragment json => json.Text,
        IDictionary => ToJson(value).Text,
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(item => item is null ? "" : TextOf(item))),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string OneLine(string output)
    {
        var letters = output.Select(letter => char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter);
        var line = string.Join(' ', string.Concat(letters).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= MaxHeader)
        {
            return line;
        }

        var end = char.IsHighSurrogate(line[MaxHeader - 2]) ? MaxHeader - 2 : MaxHeader - 1;
        return $"{line[..end]}…";
    }

    private static string CheckedJson(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return output;
        }
        catch (JsonException e)
        {
            throw new TemplateException($"the template does not render to JSON: {e.Message}", e);
        }
    }
}

/// <summary>JSON made by the <c>json</c> filter.</summary>
internal sealed record JsonFragment(string Text);
