using System.Text;
using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Rules;
using MLEvents.Rules.Explaining;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Determines which rules in force would fire if a message were replayed.</summary>
internal sealed class ReplayPlan(HistoryQueries queries, StoredRuleReader ruleReader, TimeProvider time)
{
    private const int MaxEvents = 20;

    /// <summary>Returns up to 20 events of a message, each with the rules that fire, and the services whose rules are not known.</summary>
    /// <param name="content">The message. A message that is not JSON has no events.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public async Task<PlannedReplay> ReadAsync(string content, CancellationToken cancellationToken)
    {
        var events = Read(content);
        var planned = events.Select(workflowEvent => new PlannedEvent(workflowEvent.Id, workflowEvent.Type, [])).ToList();
        var unknown = new List<string>();
        foreach (var load in events.Count == 0 ? [] : await queries.RulesInForceAsync(time.GetUtcNow(), cancellationToken))
        {
            if (await FindAsync(load, cancellationToken) is not { } rules)
            {
                unknown.Add(load.Service);
                continue;
            }

            for (var index = 0; index < events.Count; index++)
            {
                var firing = EventExplainer.Evaluate(rules, events[index], []).Where(rule => rule.Verdict.Fires).Select(rule => $"{load.Service} / {rule.Rule}");
                planned[index] = planned[index] with { Rules = [.. planned[index].Rules, .. firing] };
            }
        }

        return new(planned, unknown);
    }

    private static List<WorkflowEvent> Read(string content)
    {
        try
        {
            return [.. EventReader.Read(Encoding.UTF8.GetBytes(content)).Events.Take(MaxEvents).Select(envelope => envelope.ToWorkflowEvent())];
        }
        catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
        {
            return [];
        }
    }

    private async Task<RuleFile?> FindAsync(RuleLoad load, CancellationToken cancellationToken)
    {
        try
        {
            return await ruleReader.FindAsync(load.Service, load.Version, cancellationToken);
        }
        catch (RuleFileException)
        {
            return null;
        }
    }
}

/// <summary>The result of planning a replay.</summary>
/// <param name="Events">The events.</param>
/// <param name="UnknownServices">The services whose rule files this dashboard does not have or cannot read.</param>
internal sealed record PlannedReplay(IReadOnlyList<PlannedEvent> Events, IReadOnlyList<string> UnknownServices);

/// <summary>An event of a message and the rules that fire for it.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Rules">The rules, each as <c>service / rule</c>.</param>
internal sealed record PlannedEvent(string Id, string Type, IReadOnlyList<string> Rules);
