using MLEvents.Rules.Reading;

namespace MLEvents.Rules.RuleReaders;

/// <summary>The format of one kind of rule: its file, the key that holds the rules, and the reader of a rule.</summary>
/// <param name="File">The file's usual name.</param>
/// <param name="Key">The key at the file's top.</param>
/// <param name="Place">The name of one rule in the JSON Schema.</param>
/// <param name="Read">Reads one rule; null if no rule can be created from it. The error is recorded.</param>
internal sealed record RuleFormat(string File, string Key, string Place, Func<MapReader, Rule?> Read)
{
    private static readonly Dictionary<Type, RuleFormat> All = new()
    {
        [typeof(AlertRule)] = new("alerts.yaml", "alerts", "alert", AlertRuleReader.Read),
        [typeof(RetrainingRule)] = new("retraining.yaml", "retraining", "retraining", RetrainingRuleReader.Read),
        [typeof(DeploymentRule)] = new("deployments.yaml", "deployments", "deployment", DeploymentRuleReader.Read),
    };

    /// <summary>The format of a kind of rule.</summary>
    public static RuleFormat For<TRule>()
        where TRule : Rule =>
        All.TryGetValue(typeof(TRule), out var format) ? format : throw new NotSupportedException($"{typeof(TRule)} is not a rule type that has a file format");
}
