using MLEvents.Dashboard.History;
using MLEvents.Events;
using MLEvents.Rules;
using MLEvents.Rules.Explaining;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Explains an event with the rules that were in force when it arrived, and with the current rules.</summary>
internal sealed class EventExplainer(HistoryQueries queries, RuleQueries ruleQueries, StoredRuleReader ruleReader, TimeProvider time)
{
    public async Task<EventExplanation> ExplainAsync(StoredEvent stored, CancellationToken cancellationToken)
    {
        var workflowEvent = Read(stored);
        var previous = await FindPreviousAsync(stored, cancellationToken);
        var recorded = await RecordedOutcomes.ReadAsync(queries, ruleQueries, stored.Key, cancellationToken);
        var then = (await queries.RulesInForceAsync(stored.ReceivedAt, cancellationToken)).ToDictionary(load => load.Service);
        var services = new List<ServiceExplanation>();
        foreach (var now in await queries.RulesInForceAsync(time.GetUtcNow(), cancellationToken))
        {
            var (earlier, earlierFault) = then.TryGetValue(now.Service, out var load) ? await FindAsync(load, cancellationToken) : (null, null);
            var (today, todayFault) = await FindAsync(now, cancellationToken);
            var rules = new List<RuleExplanation>();
            foreach (var rule in Rules(earlier, today, workflowEvent, previous))
            {
                rules.Add(await WithOutcomeAsync(recorded, now.Service, rule, load is not null && earlier is null, workflowEvent, cancellationToken));
            }

            var fault = Combine(load is null ? "No rules of this service were published before the event arrived." : earlierFault, todayFault);
            services.Add(new(now.Service, load?.Version ?? "", load?.At, now.Version, fault, rules));
        }

        return new(stored.Id, stored.Key, stored.Type, stored.Source, stored.Subject, stored.ReceivedAt, services);
    }

    /// <summary>Evaluates rules for an event.</summary>
    public static IReadOnlyList<(string Rule, RuleVerdict Verdict)> Evaluate(RuleFile file, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous) =>
        [.. file.Rules.Select(rule => (rule.Rule.Name, From(Verdict.Evaluate(rule, workflowEvent, previous))))];

    private static List<RuleExplanation> Rules(RuleFile? then, RuleFile? today, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous)
    {
        var earlier = then is null ? [] : Evaluate(then, workflowEvent, previous).ToDictionary(rule => rule.Rule, rule => rule.Verdict);
        var now = today is null ? [] : Evaluate(today, workflowEvent, previous).ToDictionary(rule => rule.Rule, rule => rule.Verdict);
        return
        [
            .. earlier.Keys.Union(now.Keys).Select(rule =>
            {
                var (before, after) = (earlier.GetValueOrDefault(rule), now.GetValueOrDefault(rule));
                var isComparable = today is not null && then is not null;
                return new RuleExplanation(rule, before, after, isComparable && (before?.Fires is true) != (after?.Fires is true), "", []) { Difference = isComparable ? VerdictDiff.Compare(before, after) : [] };
            }),
        ];
    }

    private static async Task<RuleExplanation> WithOutcomeAsync(
        RecordedOutcomes recorded, string service, RuleExplanation rule, bool isThenUnknown, WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var taken = recorded.ActionsOf(service, rule.Rule);
        if (taken.Count == 0 && rule.Then is { Fires: true, DeduplicationKey: { } key } && await recorded.FindSharedAsync(service, rule.Rule, workflowEvent, key, cancellationToken) is { } shared)
        {
            taken = [shared];
        }

        return rule with { Actions = taken, Result = Result(rule.Then, isThenUnknown, taken) };
    }

    private static string Result(RuleVerdict? then, bool isThenUnknown, IReadOnlyList<TakenAction> taken) => (then, taken) switch
    {
        (_, [{ OfEvent: { } other } shared]) => $"The condition matched. The event has the same deduplication key as the earlier event {other}, so one action covers both. The status of the action is {Describe(shared)}",
        (_, [.., { HeldBack: [.., var obstacle] } held]) => $"The rule acted, and the action was held back: {obstacle.TrimEnd('.')}. The status of the action is {Describe(held)}",
        (_, [.., var last]) => $"The rule acted; the status of the action is {Describe(last)}",
        (null, _) when isThenUnknown => "It is not known whether the rule was in force when the event arrived, because the version of the rules in force at that time cannot be read.",
        (null, _) => "The rule was not in force when the event arrived.",
        ({ Outcome: "disabled" }, _) => "The rule was disabled.",
        ({ Outcome: "own-run" }, _) => "The event is about a run that the rule itself started.",
        ({ Fires: false }, _) => "The condition did not match.",
        _ => "The condition matched. No action is known yet: the service has not handled the event, or its activity has not arrived.",
    };

    // The two faults are equal if the version that was in force then is still in force.
    private static string? Combine(params string?[] faults) => string.Join('\n', faults.OfType<string>().Distinct()) is { Length: > 0 } text ? text : null;

    private static string Describe(TakenAction action) => $"{action.Status}{(action.Detail is { Length: > 0 } detail ? $": {detail}" : ".")}";

    private static RuleVerdict From(Verdict verdict) => new(
        verdict.Outcome switch { RuleOutcome.Fires => "fires", RuleOutcome.Disabled => "disabled", RuleOutcome.OwnRun => "own-run", _ => "does-not-fire" },
        verdict.Rule.Rule.Line, verdict.Why, verdict.DeduplicationKey, verdict.Plan?.Action, verdict.Plan?.Fault);

    private static WorkflowEvent Read(StoredEvent stored)
    {
        using var document = System.Text.Json.JsonDocument.Parse(stored.Envelope, JsonLimits.Document);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? read : throw new InvalidOperationException($"The stored event {stored.Key} cannot be read: {error}");
    }

    private async Task<(RuleFile? Rules, string? Fault)> FindAsync(RuleLoad load, CancellationToken cancellationToken)
    {
        try
        {
            return (await ruleReader.FindAsync(load.Service, load.Version, cancellationToken), null);
        }
        catch (RuleFileException exception)
        {
            return (null, $"Version {load.Version} of the rules cannot be read: {exception.Message}");
        }
    }

    // Templates of alerts can use the earlier events of the chain.
    private async Task<IReadOnlyList<ChainEvent>> FindPreviousAsync(StoredEvent stored, CancellationToken cancellationToken)
    {
        var chain = (await queries.ChainAsync(stored.CorrelationId, cancellationToken)).Events.Select(Read).Select(one => ChainEvent.From(one))
            .Aggregate(new EventChain(), (seen, next) => seen.With(next) ?? seen);
        return chain.Before(ChainEvent.From(Read(stored)));
    }
}
