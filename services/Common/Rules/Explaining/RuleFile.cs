using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Explaining;

/// <summary>The content of a rule file.</summary>
/// <param name="Service">The service that uses the file.</param>
/// <param name="Path">The path of the file.</param>
/// <param name="Version">The version of the rules.</param>
/// <param name="Rules">The rules, in the order of the file.</param>
public sealed record RuleFile(string Service, string Path, string Version, IReadOnlyList<ServiceRule> Rules)
{
    /// <summary>Valid content that is probably a mistake.</summary>
    public IReadOnlyList<RuleError> Warnings { get; init; } = [];

    /// <summary>The reader of each file in a rules folder.</summary>
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

/// <summary>A rule and the service that acts on it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Rule">The rule.</param>
/// <param name="PlanFor">Creates the service's plan for an event, given the earlier events of its chain.</param>
public sealed record ServiceRule(string Service, Rule Rule, Func<WorkflowEvent, IReadOnlyList<ChainEvent>, RulePlan> PlanFor)
{
    /// <summary>Whether the service acts on an event because of the rule.</summary>
    public bool ActsOn(WorkflowEvent workflowEvent) => Rule.Matches(workflowEvent) && !IsAboutOwnRun(workflowEvent);

    /// <summary>Whether an action of the rule led to an event. The rule does not act on such an event.</summary>
    public bool IsAboutOwnRun(WorkflowEvent workflowEvent) =>
        (Rule is RetrainingRule retraining && retraining.IsAboutOwnRun(workflowEvent)) || Lineage.PathOf(workflowEvent).Contains(Lineage.KeyOf(Service, Rule.Name));
}
