using System.Text.Json.Serialization;

namespace MLEvents.Dashboard.Comparing;

/// <summary>Compares texts line by line.</summary>
internal static class LineDiff
{
    // Limits the memory of a comparison: its table has a cell for each pair of lines between the common beginning and the common end.
    private const int MaxCells = 4_000_000;

    /// <summary>Returns the lines of both texts in order, each marked as common, removed or added.</summary>
    public static IReadOnlyList<DiffLine> Compare(string before, string after)
    {
        var (old, current) = (Lines(before), Lines(after));
        var start = 0;
        while (start < old.Length && start < current.Length && old[start] == current[start])
        {
            start++;
        }

        var end = 0;
        while (end < old.Length - start && end < current.Length - start && old[^(end + 1)] == current[^(end + 1)])
        {
            end++;
        }

        return
        [
            .. old.Take(start).Select(line => new DiffLine(DiffKind.Common, line)),
            .. Middle(old[start..^end], current[start..^end]),
            .. old.TakeLast(end).Select(line => new DiffLine(DiffKind.Common, line)),
        ];
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static IEnumerable<DiffLine> Middle(string[] old, string[] current)
    {
        if ((long)old.Length * current.Length > MaxCells)
        {
            return [.. old.Select(line => new DiffLine(DiffKind.Removed, line)), .. current.Select(line => new DiffLine(DiffKind.Added, line))];
        }

        return Walk(old, current, Lengths(old, current));
    }

    // For each pair of positions: the length of the longest common subsequence of the remaining lines.
    private static int[][] Lengths(string[] old, string[] current)
    {
        int[][] lengths = [.. Enumerable.Range(0, old.Length + 1).Select(_ => new int[current.Length + 1])];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = current.Length - 1; j >= 0; j--)
            {
                lengths[i][j] = old[i] == current[j] ? lengths[i + 1][j + 1] + 1 : Math.Max(lengths[i + 1][j], lengths[i][j + 1]);
            }
        }

        return lengths;
    }

    private static IEnumerable<DiffLine> Walk(string[] old, string[] current, int[][] lengths)
    {
        for (var (i, j) = (0, 0); i < old.Length || j < current.Length;)
        {
            if (i < old.Length && j < current.Length && old[i] == current[j])
            {
                yield return new DiffLine(DiffKind.Common, old[i++]);
                j++;
            }
            else if (j == current.Length || (i < old.Length && lengths[i + 1][j] >= lengths[i][j + 1]))
            {
                yield return new DiffLine(DiffKind.Removed, old[i++]);
            }
            else
            {
                yield return new DiffLine(DiffKind.Added, current[j++]);
            }
        }
    }
}

/// <summary>A line of a comparison.</summary>
/// <param name="Kind">Which of the two texts contains the line.</param>
/// <param name="Text">The line.</param>
public sealed record DiffLine(DiffKind Kind, string Text);

/// <summary>Which of the two texts contains a line.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DiffKind>))]
public enum DiffKind
{
    /// <summary>Both texts.</summary>
    Common,

    /// <summary>Only the earlier text.</summary>
    Removed,

    /// <summary>Only the later text.</summary>
    Added,
}
