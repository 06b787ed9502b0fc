namespace MLEvents.Events;

/// <summary>Cuts texts to a length.</summary>
public static class Truncation
{
    /// <summary>The text, cut to a number of characters. It ends with … if it was cut. A surrogate pair is not split.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">The largest number of characters. If this number is less than 2, a longer text becomes empty.</param>
    public static string Truncate(string text, int maxLength) =>
        text.Length <= maxLength ? text
        : maxLength < 2 ? ""
        : $"{text[..(char.IsHighSurrogate(text[maxLength - 2]) ? maxLength - 2 : maxLength - 1)]}…";
}
