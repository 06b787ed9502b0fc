using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Comparing;

/// <summary>Compares two versions of a service's rule files.</summary>
internal static class RuleVersionDiff
{
    /// <summary>Returns the files that differ, with their lines.</summary>
    public static IReadOnlyList<(string Path, IReadOnlyList<DiffLine> Lines)> Compare(IReadOnlyList<StoredRuleFile> before, IReadOnlyList<StoredRuleFile> after)
    {
        var (old, current) = (before.ToDictionary(file => file.Path, file => file.Content), after.ToDictionary(file => file.Path, file => file.Content));
        return
        [
            .. old.Keys.Union(current.Keys).Order(StringComparer.Ordinal)
                .Where(path => old.GetValueOrDefault(path) != current.GetValueOrDefault(path))
                .Select(path => (path, LineDiff.Compare(old.GetValueOrDefault(path, ""), current.GetValueOrDefault(path, "")))),
        ];
    }
}
