using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>A limit with the key of one event.</summary>
/// <param name="Limit">The limit of the rule.</param>
/// <param name="Key">The key. Actions with the same key are counted together.</param>
public sealed record KeyedLimit(RunLimit Limit, string Key);

/// <summary>Renders the keys of limits.</summary>
public static class RunLimitKeys
{
    /// <summary>The limits of a rule for an event.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="limits">The limits of the rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static Planned<IReadOnlyList<KeyedLimit>> Create(Rule rule, IReadOnlyList<RunLimit> limits, WorkflowEvent workflowEvent, Uri? studio = null) =>
        limits.Count == 0 ? new([], null) : Planned<IReadOnlyList<KeyedLimit>>.Try(() =>
        {
            var model = TemplateModel.For(workflowEvent, studio);
            return [.. limits.Select(limit => new KeyedLimit(limit, KeyOf(rule, limit, model)))];
        });

    private static string KeyOf(Rule rule, RunLimit limit, TemplateModel model)
    {
        if (limit.Key is null)
        {
            return rule.Name;
        }

        var what = NameOf(limit.Kind);
        return model.Rendered(what, limit.Key).Trim() is { Length: > 0 } key ? ArmId.NormalizeWhole(key) : throw new TemplateException($"{what} renders to an empty text");
    }

    private static string NameOf(RunLimitKind kind) => kind switch { RunLimitKind.Cooldown => "cooldown.per", RunLimitKind.Budget => "budget.key", _ => "concurrency.key" };
}
