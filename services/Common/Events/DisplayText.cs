namespace MLEvents.Events;

/// <summary>Prepares text that a sender controls for logs and error messages.</summary>
public static class DisplayText
{
    /// <summary>The longest text that is not shortened, in characters.</summary>
    public const int MaxLength = 100;

    /// <summary>
    /// Replaces control characters, surrogates and line separators by U+FFFD. A text that is longer than <see cref="MaxLength"/> is cut,
    /// and the number of its characters is added.
    /// </summary>
    /// <param name="text">The text; null becomes <c>(none)</c>.</param>
    public static string Shorten(string? text)
    {
        if (text is null)
        {
            return "(none)";
        }

        var shown = string.Create(Math.Min(text.Length, MaxLength), text, (span, source) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = char.IsControl(source[index]) || char.IsSurrogate(source[index]) || source[index] is '\u2028' or '\u2029' ? '\uFFFD' : source[index];
            }
        });
        return text.Length > MaxLength ? $"{shown}… ({text.Length} characters)" : shown;
    }
}
