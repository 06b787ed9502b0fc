using MLEvents.Dashboard.Explaining;
using MLEvents.Dashboard.History;
using MLEvents.Rules;

namespace MLEvents.Dashboard.Usage;

/// <summary>The usage of a service's rules in a period.</summary>
/// <param name="Rules">The rules in force in the order of the file, then rules that acted in the period and are no longer in force. If the rules in force
/// are not known, all rules that acted in the period.</param>
/// <param name="Overlaps">Pairs of rules that acted on the same events.</param>
/// <param name="Fault">The reason why the rules in force are not known; null if they are known.</param>
internal sealed record RuleUsage(IReadOnlyList<UsedRule> Rules, IReadOnlyList<RuleOverlap> Overlaps, string? Fault)
{
    /// <summary>The length of the period.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromDays(30);

    /// <summary>Reads the usage of a service's rules. The rules of the given version count as the rules in force.</summary>
    public static async Task<RuleUsage> ReadAsync(RuleQueries queries, StoredRuleReader ruleReader, string service, string version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Period;
        var hits = (await queries.HitsAsync(service, since, cancellationToken)).ToDictionary(rule => rule.Rule);
        var overlaps = await queries.OverlapsAsync(service, since, cancellationToken);
        try
        {
            if (await ruleReader.FindAsync(service, version, cancellationToken) is not { } file)
            {
                return CreateWithFault(hits, overlaps, $"The history does not contain the files of version {version}, so it is not known which rules are in force.");
            }

            var used = file.Rules.Select(rule => new UsedRule(rule.Rule.Name, IsInForce: true, rule.Rule.Enabled, hits.GetValueOrDefault(rule.Rule.Name))).ToList();
            var names = used.Select(rule => rule.Name).ToHashSet();
            return new([.. used, .. CreateOthers(hits.Values.Where(rule => !names.Contains(rule.Rule)), isInForce: false)], overlaps, null);
        }
        catch (RuleFileException exception)
        {
            return CreateWithFault(hits, overlaps, $"Version {version} cannot be read, so it is not known which rules are in force: {exception.Message}");
        }
    }

    private static RuleUsage CreateWithFault(Dictionary<string, RuleHits> hits, IReadOnlyList<RuleOverlap> overlaps, string fault) =>
        new([.. CreateOthers(hits.Values, isInForce: null)], overlaps, fault);

    private static IEnumerable<UsedRule> CreateOthers(IEnumerable<RuleHits> hits, bool? isInForce) =>
        hits.OrderBy(rule => rule.Rule, StringComparer.Ordinal).Select(rule => new UsedRule(rule.Rule, isInForce, IsEnabled: false, rule));
}

/// <summary>The usage of a rule in the period.</summary>
/// <param name="Name">The name of the rule.</param>
/// <param name="IsInForce">Whether the rule is in force; null if this is not known.</param>
/// <param name="IsEnabled">Whether the rule is in force and enabled.</param>
/// <param name="Hits">The numbers of its actions; null if there were none.</param>
internal sealed record UsedRule(string Name, bool? IsInForce, bool IsEnabled, RuleHits? Hits);
