using MLEvents.Dashboard.Explaining;
using MLEvents.Dashboard.History;
using MLEvents.Rules;

namespace MLEvents.Dashboard.Usage;

/// <summary>How the rules of a service are used.</summary>
/// <param name="Rules">The rules in force, in the order of the file, with what they did; then those that only did.</param>
/// <param name="Overlaps">Pairs of rules that acted on the same events.</param>
/// <param name="Fault">Why the rules in force cannot be read; null if they can.</param>
internal sealed record RuleUsage(IReadOnlyList<UsedRule> Rules, IReadOnlyList<RuleOverlap> Overlaps, string? Fault)
{
    /// <summary>The period that is counted.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromDays(30);

    /// <summary>Reads the use of the rules of a version.</summary>
    public static async Task<RuleUsage> ReadAsync(RuleQueries queries, RuleEvaluator evaluator, string service, string version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Period;
        var hits = (await queries.HitsAsync(service, since, cancellationToken)).ToDictionary(rule => rule.Rule);
        var overlaps = await queries.OverlapsAsync(service, since, cancellationToken);
        try
        {
            var inForce = (await evaluator.FindAsync(service, version, cancellationToken))?.Rules ?? [];
            var used = inForce.Select(rule => new UsedRule(rule.Rule.Name, IsInForce: true, rule.Rule.Enabled, hits.GetValueOrDefault(rule.Rule.Name))).ToList();
            var names = used.Select(rule => rule.Name).ToHashSet();
            return new([.. used, .. hits.Values.Where(rule => !names.Contains(rule.Rule)).OrderBy(rule => rule.Rule, StringComparer.Ordinal).Select(Former)], overlaps, null);
        }
        catch (RuleFileException exception)
        {
            return new([.. hits.Values.Select(Former)], overlaps, exception.Message);
        }
    }

    private static UsedRule Former(RuleHits hits) => new(hits.Rule, IsInForce: false, IsEnabled: false, hits);
}

/// <summary>A rule and what it did in the period.</summary>
/// <param name="Name">The rule.</param>
/// <param name="IsInForce">Whether the version has it.</param>
/// <param name="IsEnabled">Whether it is enabled there.</param>
/// <param name="Hits">What it did; null if nothing.</param>
internal sealed record UsedRule(string Name, bool IsInForce, bool IsEnabled, RuleHits? Hits);
