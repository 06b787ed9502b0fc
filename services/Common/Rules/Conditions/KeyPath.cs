using System.Text.RegularExpressions;

namespace MLEvents.Rules.Conditions;

/// <summary>The levels of a key: <c>data.runTags.owner</c>, or <c>data.runTags["azureml.pipelineid"]</c> for names that contain dots. Event Grid cannot filter by names that contain dots.</summary>
internal static partial class KeyPath
{
    /// <summary>Splits a key; null when it is not well-formed.</summary>
    public static string[]? Split(string key) =>
        LevelsPattern().Match(key) is { Success: true } match ? [.. match.Groups["level"].Captures.Select(level => level.Value)] : null;

    // A name in ["…"] or ['…'] cannot contain the same quote.
    [GeneratedRegex("""^(?<level>[^.\[]*)(?:\.(?<level>[^.\[]*)|\[(?<quote>["'])(?<level>(?:(?!\k<quote>).)+)\k<quote>\])*\z""", RegexOptions.Singleline)]
    private static partial Regex LevelsPattern();
}
