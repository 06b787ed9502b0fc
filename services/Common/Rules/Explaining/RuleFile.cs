using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Explaining;

/// <summary>A rule file that was read.</summary>
/// <param name="Service">The service that it is for.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Version">The version of the rules.</param>
/// <param name="Rules">Its rules, in the order of the file.</param>
public sealed record RuleFile(string Service, string Path, string Version, IReadOnlyList<ServiceRule> Rules)
{
    /// <summary>What is valid in the file but probably not meant.</summary>
    public IReadOnlyList<RuleError> Warnings { get; init; } = [];

    /// <summary>How each file of a rules folder is read.</summary>
    public static IReadOnlyDictionary<string, Func<string, RuleFile>> Readers { get; } = new Dictionary<string, Func<string, RuleFile>>
    {
        ["alerts.yaml"] = path => Create("notifier", RuleLoader.LoadAlerts(path), RulePlans.Create),
        ["retraining.yaml"] = path => Create("retrainer", RuleLoader.LoadRetraining(path), (rule, workflowEvent, _) => RulePlans.Create(rule, workflowEvent)),
        ["deployments.yaml"] = path => Create("deployer", RuleLoader.LoadDeployments(path), (rule, workflowEvent, _) => RulePlans.Create(rule, workflowEvent)),
    };

    private static RuleFile Create<TRule>(string service, RuleSet<TRule> set, Func<TRule, WorkflowEvent, IReadOnlyList<ChainEvent>, RulePlan> plan)
        where TRule : Rule =>
        new(service, set.File, set.Version, [.. set.Rules.Select(rule => new ServiceRule(service, rule, (workflowEvent, previous) => plan(rule, workflowEvent, previous)))]) { Warnings = set.Warnings };
}

/// <summary>A rule and the service that follows it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Rule">The rule.</param>
/// <param name="PlanFor">What the service would do because of an event, after those of its chain that came before.</param>
public sealed record ServiceRule(string Service, Rule Rule, Func<WorkflowEvent, IReadOnlyList<ChainEvent>, RulePlan> PlanFor)
{
    /// <summary>Whether the service acts on an event because of the rule.</summary>
    public bool ActsOn(WorkflowEvent workflowEvent) => Rule.Matches(workflowEvent) && !IsAboutOwnRun(workflowEvent);

    /// <summary>Whether an action of the rule led to an event, which the rule therefore leaves alone.</summary>
    public bool IsAboutOwnRun(WorkflowEvent workflowEvent) =>
        (Rule is RetrainingRule retraining && retraining.IsAboutOwnRun(workflowEvent)) || Lineage.PathOf(workflowEvent).Contains(Lineage.KeyOf(Service, Rule.Name));
}
