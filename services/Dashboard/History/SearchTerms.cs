using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>What an event is found by: its words, and one term for each path in its data with the value there.</summary>
/// <remarks>A path with its value is one term, so that both databases find it in an inverted index, whichever path it is. Letter case does not matter.</remarks>
internal static class SearchTerms
{
    private const int MaxTerms = 400;
    private const int MaxWord = 40;
    private const int MaxDepth = 16;
    private const int HashBytes = 10;

    /// <summary>All terms of an event; at most 400.</summary>
    public static string[] From(WorkflowEvent workflowEvent)
    {
        var terms = new HashSet<string>(StringComparer.Ordinal);
        AddWords(workflowEvent.Id, terms);
        AddWords(workflowEvent.Subject, terms);
        AddWords(workflowEvent.Type, terms);
        AddValues(workflowEvent.Data, "data", 0, terms);
        return [.. terms.Take(MaxTerms)];
    }

    /// <summary>The terms of a search for words. Each must be in the event.</summary>
    public static string[] Words(string text)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        AddWords(text, words);
        return [.. words];
    }

    /// <summary>The term of a path and the value at it.</summary>
    /// <param name="path">Names joined by dots, for instance <c>data.runStatus</c>; elements of an array have the path of the array.</param>
    /// <param name="value">A string, or a number or boolean as it is written.</param>
    public static string PathValue(string path, string value) =>
        "x" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Fold(path)}={Fold(value)}")).AsSpan(0, HashBytes));

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
        var start = 0;
        for (var end = 0; end <= text.Length; end++)
        {
            if (end < text.Length && char.IsLetterOrDigit(text[end]))
            {
                continue;
            }

            if (end > start)
            {
                words.Add(Fold(text[start..Math.Min(end, start + MaxWord)]));
            }

            start = end + 1;
        }
    }

    private static string Fold(string text) => text.ToLower(System.Globalization.CultureInfo.InvariantCulture);
}
