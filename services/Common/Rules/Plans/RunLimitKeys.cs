using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the keys of limits.</summary>
public static class RunLimitKeys
{
    /// <summary>The limits of a rule for an event, in the form of the ledger.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="limits">The limits of the rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static Planned<IReadOnlyList<Limit>> Create(Rule rule, IReadOnlyList<RunLimit> limits, WorkflowEvent workflowEvent, Uri? studio = null) =>
        limits.Count == 0 ? new([], null) : Planned<IReadOnlyList<Limit>>.Try(() =>
        {
            var model = TemplateModel.For(workflowEvent, studio);
            return [.. limits.Select(limit => new Limit(limit.Kind, KeyOf(rule, limit, model), limit.Max, limit.Period, limit.WhenBusy))];
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

    private static string NameOf(LimitKind kind) => kind switch { LimitKind.Cooldown => "cooldown.per", LimitKind.Budget => "budget.key", _ => "concurrency.key" };
}
