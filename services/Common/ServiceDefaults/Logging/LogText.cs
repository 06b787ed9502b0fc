using System.Globalization;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults.Logging;

/// <summary>Prepares text for logs. It removes secrets, limits the length, and replaces control characters, which could forge lines or control a terminal.</summary>
internal static class LogText
{
    private const int MaxLength = 4096;
    private const int MaxExceptionLength = 16 * 1024;

    // If a text has more than twice this length, only this many characters of its start and of its end are searched for secrets; the characters between them are discarded.
    // The log shows fewer characters of the start and of the end, so a secret that this cut splits is not shown.
    private const int Searched = 24 * 1024;
    private const char Replacement = '\uFFFD';

    /// <summary>A message or a value, as one line of at most about 4,000 characters.</summary>
    /// <returns>The same instance if it needs no change.</returns>
    public static string Clean(string text) => Clean(text, MaxLength, keepLines: false);

    /// <summary>The text of an exception, which has several lines, of at most about 16,000 characters.</summary>
    /// <returns>The same instance if it needs no change.</returns>
    public static string CleanLines(string text) => Clean(text, MaxExceptionLength, keepLines: true);

    private static string Clean(string text, int maxLength, bool keepLines)
    {
        // Secrets are removed before the text is cut, because a secret that is cut in two may not be found.
        var shown = Redaction.Scrub(text.Length > 2 * Searched ? string.Concat(text.AsSpan(0, Searched), text.AsSpan(text.Length - Searched)) : text);
        if (shown.Length > maxLength)
        {
            var half = maxLength / 2;
            shown = string.Create(CultureInfo.InvariantCulture, $"{shown.AsSpan(0, half)} … ({text.Length} characters) … {shown.AsSpan(shown.Length - half)}");
        }

        return HasControl(shown, keepLines) ? WithoutControls(shown, keepLines) : shown;
    }

    private static bool HasControl(string text, bool keepLines)
    {
        foreach (var character in text)
        {
            if (IsControl(character, keepLines))
            {
                return true;
            }
        }

        return false;
    }

    private static string WithoutControls(string text, bool keepLines) => string.Create(text.Length, (text, keepLines), static (span, source) =>
    {
        for (var index = 0; index < span.Length; index++)
        {
            span[index] = IsControl(source.text[index], source.keepLines) ? Replacement : source.text[index];
        }
    });

    private static bool IsControl(char character, bool keepLines) => char.IsControl(character) && !(keepLines && character is ('\r' or '\n' or '\t'));
}
