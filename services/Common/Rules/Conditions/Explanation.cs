namespace MLEvents.Rules.Conditions;

/// <summary>Why a condition holds for an event or does not: a tree, for people.</summary>
/// <param name="What">The part of the condition, in the notation of a rule file.</param>
/// <param name="Matched">Whether the part holds.</param>
/// <param name="Why">The reason: the value that was found, or the part that was missing.</param>
/// <param name="Parts">The nested parts; empty for a leaf of the tree.</param>
public sealed record Explanation(string What, bool Matched, string Why, IReadOnlyList<Explanation> Parts)
{
    /// <summary>The tree as indented text, a line for each part.</summary>
    public override string ToString() => string.Join('\n', Lines(0));

    private IEnumerable<string> Lines(int depth) =>
        Parts.SelectMany(part => part.Lines(depth + 1)).Prepend($"{new string(' ', depth * 2)}{(Matched ? "yes" : "no ")} {What}: {Why}");
}
