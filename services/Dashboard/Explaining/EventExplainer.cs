using MLEvents.Dashboard.History;
using MLEvents.Events;
using MLEvents.Rules;
using MLEvents.Rules.Explaining;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Explains an event by the rules that were in force when it arrived, and by those of today.</summary>
internal sealed class EventExplainer(HistoryQueries queries, RuleEvaluator evaluator, TimeProvider time)
{
    public async Task<EventExplanation> ExplainAsync(StoredEvent stored, CancellationToken cancellationToken)
    {
        var workflowEvent = Read(stored);
        var previous = await PreviousAsync(stored, cancellationToken);
        var actions = await queries.ActionsOfEventAsync(stored.Key, cancellationToken);
        var then = (await queries.RulesInForceAsync(stored.ReceivedAt, cancellationToken)).ToDictionary(load => load.Service);
        var services = new List<ServiceExplanation>();
        foreach (var now in await queries.RulesInForceAsync(time.GetUtcNow(), cancellationToken))
        {
            var (earlier, earlierFault) = then.TryGetValue(now.Service, out var load) ? await FindAsync(load, cancellationToken) : (null, null);
            var (today, todayFault) = await FindAsync(now, cancellationToken);
            services.Add(new(
                now.Service, load?.Version ?? "", load?.At, now.Version, load is null ? "No rules of this service were published before the event arrived." : earlierFault ?? todayFault,
                Rules(earlier, today, workflowEvent, previous, [.. actions.Where(action => action.Service == now.Service)])));
        }

        return new(stored.Id, stored.Key, stored.Type, stored.Source, stored.Subject, stored.ReceivedAt, services);
    }

    /// <summary>What rules make of an event.</summary>
    public static IReadOnlyList<(string Rule, RuleVerdict Verdict)> Evaluate(RuleFile file, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous) =>
        [.. file.Rules.Select(rule => (rule.Rule.Name, From(Verdict.Evaluate(rule, workflowEvent, previous))))];

    private static List<RuleExplanation> Rules(RuleFile? then, RuleFile? today, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous, IReadOnlyList<StoredAction> actions)
    {
        var earlier = then is null ? [] : Evaluate(then, workflowEvent, previous).ToDictionary(rule => rule.Rule, rule => rule.Verdict);
        var now = today is null ? [] : Evaluate(today, workflowEvent, previous).ToDictionary(rule => rule.Rule, rule => rule.Verdict);
        return
        [
            .. earlier.Keys.Union(now.Keys).Select(rule =>
            {
                var (before, after) = (earlier.GetValueOrDefault(rule), now.GetValueOrDefault(rule));
                List<TakenAction> taken = [.. actions.Where(action => action.Rule == rule).Select(action => new TakenAction(action.Id, action.Status, action.Stage, action.Detail, action.UpdatedAt))];
                return new RuleExplanation(rule, before, after, today is not null && then is not null && before?.Fires != after?.Fires, Result(before, taken), taken);
            }),
        ];
    }

    private static string Result(RuleVerdict? then, List<TakenAction> taken) => (then, taken) switch
    {
        (_, [.., var last]) => $"The rule acted; the action is {last.Status}{(last.Detail is { Length: > 0 } detail ? $": {detail}" : ".")}",
        (null, _) => "The rule was not in force when the event arrived.",
        ({ Outcome: "disabled" }, _) => "The rule was disabled.",
        ({ Outcome: "own-run" }, _) => "The event is about a run that the rule itself started.",
        ({ Fires: false }, _) => "The condition did not hold.",
        ({ DeduplicationKey: { } key }, _) => $"The condition held. No action of this event is known: an earlier event with the deduplication key '{key}' caused the action.",
        _ => "The condition held. No action is known yet: the service has not handled the event, or its activity has not arrived.",
    };

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
            return (await evaluator.FindAsync(load.Service, load.Version, cancellationToken), null);
        }
        catch (RuleFileException exception)
        {
            return (null, $"Version {load.Version} of the rules cannot be read: {exception.Message}");
        }
    }

    // Templates of alerts see the earlier events of the chain.
    private async Task<IReadOnlyList<ChainEvent>> PreviousAsync(StoredEvent stored, CancellationToken cancellationToken)
    {
        var chain = (await queries.ChainAsync(stored.CorrelationId, cancellationToken)).Events.Select(Read).Select(one => ChainEvent.From(one))
            .Aggregate(new EventChain(), (seen, next) => seen.With(next) ?? seen);
        return chain.Before(ChainEvent.From(Read(stored)));
    }
}
