namespace MLEvents.Rules;

/// <summary>The levels of a key: <c>data.runTags.owner</c>, and <c>data.runTags["azureml.pipelineid"]</c> for names that hold dots, which Event Grid can't reach.</summary>
internal static class KeyPath
{
    /// <summary>Splits a key; null when it is not well-formed.</summary>
    public static string[]? Split(string key)
    {
        var levels = new List<string>();
        var rest = key.AsSpan();
        while (true)
        {
            var end = rest.IndexOfAny('.', '[');
            levels.Add((end < 0 ? rest : rest[..end]).ToString());
            if (end < 0)
            {
                return [.. levels];
            }

            rest = rest[end..];
            while (rest.StartsWith("["))
            {
                if (Quoted(rest) is not { } name)
                {
                    return null;
                }

                levels.Add(name.ToString());
                rest = rest[(name.Length + 4)..];
            }

            if (rest.IsEmpty)
            {
                return [.. levels];
            }

            if (rest[0] != '.')
            {
                return null;
            }

            rest = rest[1..];
        }
    }

    // The name within ["…"] or ['…'] at the beginning; a name can't hold its own quote.
    private static string? Quoted(ReadOnlySpan<char> text)
    {
        if (text.Length < 5 || text[1] is not ('"' or '\''))
        {
            return null;
        }

        var end = text[2..].IndexOf(text[1]);
        return end > 0 && text.Length > end + 3 && text[end + 3] == ']' ? text.Slice(2, end).ToString() : null;
    }
}
