using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>Creates the search terms of an event: its words, and one term for each pair of a path in its data and the value at that path.</summary>
/// <remarks>A path and its value are one term, so that one inverted index is enough for all paths. Letter case is ignored.</remarks>
internal static class SearchTerms
{
    private const int MaxTerms = 400;
    private const int MaxWord = 40;
    private const int MaxDepth = 16;
    private const int HashBytes = 10;

    /// <summary>Returns the terms of an event, at most 400.</summary>
    public static string[] From(WorkflowEvent workflowEvent)
    {
        var terms = new HashSet<string>(StringComparer.Ordinal);
        AddWords(workflowEvent.Id, terms);
        AddWords(workflowEvent.Subject, terms);
        AddWords(workflowEvent.Type, terms);
        AddValues(workflowEvent.Data, "data", 0, terms);
        return [.. terms.Take(MaxTerms)];
    }

    /// <summary>Returns the terms of a search for words. An event must have all of them.</summary>
    public static string[] Words(string text)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        AddWords(text, words);
        return [.. words];
    }

    /// <summary>Returns the term of a path and its value.</summary>
    /// <param name="path">Names joined by dots, for instance <c>data.runStatus</c>; elements of an array have the path of the array.</param>
    /// <param name="value">The value: a string, or the JSON text of a number or boolean.</param>
    public static string PathValue(string path, string value)
    {
        // An event has dozens of these terms, so the text is built in rented buffers.
        var length = path.Length + 1 + value.Length;
        var text = ArrayPool<char>.Shared.Rent(length);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(length));
        try
        {
            path.AsSpan().ToLowerInvariant(text);
            text[path.Length] = '=';
            value.AsSpan().ToLowerInvariant(text.AsSpan(path.Length + 1));
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text.AsSpan(0, length), bytes)), hash);
            return $"x{Convert.ToHexStringLower(hash[..HashBytes])}";
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static void AddValues(JsonElement value, string path, int depth, HashSet<string> terms)
    {
        if (depth > MaxDepth || terms.Count >= MaxTerms)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                AddValues(member.Value, $"{path}.{JsonText.NameOf(member)}", depth + 1, terms);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                AddValues(item, path, depth + 1, terms);
            }
        }
        else if (JsonText.Plain(value) is { } text)
        {
            terms.Add(PathValue(path, text));
            AddWords(text, terms);
        }
    }

    private static void AddWords(string text, HashSet<string> words)
    {
        var added = words.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> word = stackalloc char[MaxWord];
        var start = 0;
        for (var end = 0; end <= text.Length; end++)
        {
            if (end < text.Length && char.IsLetterOrDigit(text[end]))
            {
                continue;
            }

            if (end > start)
            {
                added.Add(word[..text.AsSpan(start, Math.Min(end - start, MaxWord)).ToLowerInvariant(word)]);
            }

            start = end + 1;
        }
    }
}
