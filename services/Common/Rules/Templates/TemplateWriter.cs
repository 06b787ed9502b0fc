using System.Text.Json;

namespace MLEvents.Rules.Templates;

/// <summary>Adapts a whole output to its target.</summary>
internal static class TemplateWriter
{
    private const int MaxHeader = 200;

    /// <summary>The whole output, adapted to the target.</summary>
    /// <exception cref="TemplateException">The output is not valid JSON although the target requires it.</exception>
    public static string Whole(string output, TemplateTarget target) => target switch
    {
        TemplateTarget.Header => OneLine(output),
        TemplateTarget.Argument => output.Trim(),
        TemplateTarget.Json => CheckedJson(output),
        _ => output,
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
        catch (JsonException exception)
        {
            throw new TemplateException($"the template does not render to JSON: {exception.Message}", exception);
        }
    }
}
