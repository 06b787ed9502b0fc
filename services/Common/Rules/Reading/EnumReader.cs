namespace MLEvents.Rules.Reading;

/// <summary>Reads one of the names of an enumeration, written in lower case.</summary>
internal static class EnumReader
{
    /// <summary>Reads the value of a key; the default if it is absent or invalid. An invalid value is recorded as an error.</summary>
    public static T Read<T>(MapReader keys, string key, T ifAbsent)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        if (keys.Scalar(key, KeyShape.OneOf(words)) is not { } text)
        {
            return ifAbsent;
        }

        if (words.Contains(text.Value, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<T>(text.Value, ignoreCase: true);
        }

        keys.Reading.Add(text, $"'{key}' must be one of {string.Join(", ", words)}, not '{text.Value}'{Suggestion.Hint(text.Value, words)}");
        return ifAbsent;
    }
}
