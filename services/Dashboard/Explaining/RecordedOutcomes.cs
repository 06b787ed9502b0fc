using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Explaining;

/// <summary>The actions that an event caused and the reasons why they were held back, from the recorded activity.</summary>
internal sealed class RecordedOutcomes(HistoryQueries queries, IReadOnlyList<StoredAction> actions, ILookup<string, StoredChange> waits)
{
    /// <summary>Reads the actions of an event.</summary>
    public static async Task<RecordedOutcomes> ReadAsync(HistoryQueries queries, RuleQueries rules, string eventKey, CancellationToken cancellationToken)
    {
        var actions = await queries.ActionsOfEventAsync(eventKey, cancellationToken);
        var waits = await rules.FindHeldBackChangesAsync([.. actions.Select(action => action.Id)], cancellationToken);
        return new(queries, actions, waits.ToLookup(change => change.ActionId));
    }

    /// <summary>The actions of a rule.</summary>
    public IReadOnlyList<TakenAction> ActionsOf(string service, string rule) => [.. actions.Where(action => action.Service == service && action.Rule == rule).Select(Create)];

    /// <summary>
    /// Finds the action of an earlier event with the same deduplication key. That action also covers this event. The id of an action is derived from the key.
    /// </summary>
    public async Task<TakenAction?> FindSharedAsync(string service, string rule, WorkflowEvent workflowEvent, string deduplicationKey, CancellationToken cancellationToken) =>
        await queries.FindActionAsync(ActionId.From(service, rule, workflowEvent, deduplicationKey), cancellationToken) is { } stored ? Create(stored) with { OfEvent = stored.EventId } : null;

    private TakenAction Create(StoredAction action) =>
        new(action.Id, action.Status, action.Stage, action.Detail, action.UpdatedAt) { HeldBack = [.. waits[action.Id].Select(change => change.Detail ?? change.Stage).Distinct()] };
}
