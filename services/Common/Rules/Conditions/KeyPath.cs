using System.Text.RegularExpressions;

namespace MLEvents.Rules.Conditions;

/// <summary>The levels of a key: <c>data.runTags.owner</c>, and <c>data.runTags["azureml.pipelineid"]</c> for names that hold dots, which Event Grid can't reach.</summary>
internal static partial class KeyPath
{
    /// <summary>Splits a key; null when it is not well-formed.</summary>
    public static string[]? Split(string key) =>
        LevelsPattern().Match(key) is { Success: true } match ? [.. match.Groups["level"].Captures.Select(level => level.Value)] : null;

    // A name within ["…"] or ['…'] can't hold its own quote.
    [GeneratedRegex("""^(?<level>[^.\[]*)(?:\.(?<level>[^.\[]*)|\[(?<quote>["'])(?<level>(?:(?!\k<quote>).)+)\k<quote>\])*\z""", RegexOptions.Singleline)]
    private static partial Regex LevelsPattern();
}
