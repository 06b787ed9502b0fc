using MLEvents.Cli.Rules.Flow;
using MLEvents.Events;

namespace MLEvents.Cli.Rules;

/// <summary>Counts how often rules fire for events. It stores counts and a few examples, but not the events.</summary>
/// <param name="rules">The rules.</param>
/// <param name="old">The rules to compare with; null for no comparison.</param>
/// <param name="show">The largest number of examples.</param>
/// <param name="flow">Simulates <c>once</c>, the limits and the throttles of the rules. It receives every rule that fires.</param>
internal sealed class Backtest(LoadedRuleFiles rules, LoadedRuleFiles? old, int show, FlowSimulation flow)
{
    private const int MaxErrors = 5;

    private readonly Dictionary<(string Service, string Rule), RuleCount> _counts = CountsOf(rules, old);
    private readonly List<string> _examples = [];
    private readonly List<string> _errors = [];

    /// <summary>Whether the backtest compares the rules with old rules.</summary>
    public bool Compares => old is not null;

    /// <summary>The number of evaluated events.</summary>
    public long Events { get; private set; }

    /// <summary>The number of events whose set of firing rules differs from the set with the old rules.</summary>
    public long Changed { get; private set; }

    /// <summary>The number of events that could not be read.</summary>
    public long Skipped { get; private set; }

    /// <summary>The simulation of <c>once</c>, limits and throttles.</summary>
    public FlowSimulation Flow => flow;

    /// <summary>How often each rule fires.</summary>
    public IEnumerable<RuleCount> Counts => _counts.Values;

    /// <summary>The first changed events, with the changes.</summary>
    public IReadOnlyList<string> Examples => _examples;

    /// <summary>The first events that could not be read, with the errors.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public void Add(WorkflowEvent workflowEvent)
    {
        Events++;
        var (before, firing) = (Counted(Firing(old?.Rules ?? [], workflowEvent)), Firing(rules.Rules, workflowEvent));
        firing.ForEach(rule => flow.Add(rule, workflowEvent));
        var now = Counted(firing);
        foreach (var count in before)
        {
            count.Before++;
        }

        foreach (var count in now)
        {
            count.Now++;
        }

        if (Compares && !before.SetEquals(now))
        {
            Note(workflowEvent, before, now);
        }
    }

    public void Skip(string error)
    {
        Skipped++;
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(error);
        }
    }

    private static Dictionary<(string Service, string Rule), RuleCount> CountsOf(LoadedRuleFiles rules, LoadedRuleFiles? old)
    {
        var counts = new Dictionary<(string, string), RuleCount>();
        foreach (var rule in rules.Rules.Concat(old?.Rules ?? []))
        {
            counts.TryAdd((rule.Service, rule.Rule.Name), new RuleCount(rule.Service, rule.Rule.Name));
        }

        return counts;
    }

    private static List<ServiceRule> Firing(IReadOnlyList<ServiceRule> candidates, WorkflowEvent workflowEvent) => [.. candidates.Where(rule => rule.ActsOn(workflowEvent))];

    private HashSet<RuleCount> Counted(List<ServiceRule> firing) => [.. firing.Select(rule => _counts[(rule.Service, rule.Rule.Name)])];

    private void Note(WorkflowEvent workflowEvent, HashSet<RuleCount> before, HashSet<RuleCount> now)
    {
        Changed++;
        foreach (var count in before.Except(now))
        {
            count.Lost++;
        }

        foreach (var count in now.Except(before))
        {
            count.Gained++;
        }

        if (_examples.Count < show)
        {
            var changes = before.Except(now).Select(count => $"- {count.Name}").Concat(now.Except(before).Select(count => $"+ {count.Name}"));
            _examples.Add($"{workflowEvent}: {string.Join(", ", changes)}");
        }
    }
}

/// <summary>The counts of a rule.</summary>
internal sealed class RuleCount(string service, string rule)
{
    /// <summary>The rule with its service.</summary>
    public string Name { get; } = $"{service}/{rule}";

    /// <summary>How often the rule fires.</summary>
    public long Now { get; set; }

    /// <summary>How often the rule fired with the old rules.</summary>
    public long Before { get; set; }

    /// <summary>The number of events for which the rule fires now but not with the old rules.</summary>
    public long Gained { get; set; }

    /// <summary>The number of events for which the rule fired with the old rules but not now.</summary>
    public long Lost { get; set; }
}
