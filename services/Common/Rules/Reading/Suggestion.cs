namespace MLEvents.Rules.Reading;

/// <summary>Finds the known word that is most similar to an unknown one.</summary>
internal static class Suggestion
{
    /// <summary>A question to append to an error; empty if no known word is similar.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        var best = known
            .Select(candidate => (candidate, distance: Distance(word, candidate)))
            .Where(pair => pair.distance <= Math.Max(1, Math.Min(word.Length, pair.candidate.Length) / 3))
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
        return best is null ? "" : $"; did you mean '{best}'?";
    }

    // The Levenshtein distance in any letter case: the number of letters to change, add or remove.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 20)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < right.Length; j++)
            {
                var same = char.ToUpperInvariant(left[i]) == char.ToUpperInvariant(right[j]) ? 0 : 1;
                (diagonal, row[j + 1]) = (row[j + 1], Math.Min(diagonal + same, Math.Min(row[j], row[j + 1]) + 1));
            }
        }

        return row[right.Length];
    }
}
