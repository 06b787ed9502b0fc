using Microsoft.EntityFrameworkCore;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>Reads the deployer's actions for the pages about models.</summary>
internal sealed class RolloutQueries(HistoryDatabase database)
{
    /// <summary>The service that rolls models out and back.</summary>
    public const string Deployer = "deployer";

    /// <summary>The rule name of roll-backs that operators request.</summary>
    private const string RollbackRule = "rollback";

    /// <summary>The deployer's actions for a model, the latest change first: actions that the model's events caused, and roll-outs that operators requested.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="eventKeys">The keys of the events about the model.</param>
    /// <param name="limit">The largest number of actions.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlyList<StoredAction>> RolloutsAsync(string model, IReadOnlyList<string> eventKeys, int limit, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var prefix = $"models/{model}:";
        return await context.Actions
            .Where(action => action.Service == Deployer && (eventKeys.Contains(action.EventKey) || (action.EventType == EventTypes.RolloutRequested && action.EventSubject.StartsWith(prefix))))
            .OrderByDescending(action => action.UpdatedAt).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>The roll-backs of endpoints that operators requested, the latest change first.</summary>
    public async Task<IReadOnlyList<StoredAction>> RollbacksAsync(IReadOnlyList<string> endpoints, int limit, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var subjects = endpoints.Select(endpoint => $"endpoints/{endpoint}").ToList();
        return await context.Actions
            .Where(action => action.Service == Deployer && action.Rule == RollbackRule && action.EventType == EventTypes.RollbackRequested && subjects.Contains(action.EventSubject))
            .OrderByDescending(action => action.UpdatedAt).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>The stages that each of the actions has been in.</summary>
    public async Task<ILookup<string, string>> StagesAsync(IReadOnlyList<string> actionIds, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var stages = await context.Changes.Where(change => actionIds.Contains(change.ActionId)).Select(change => new { change.ActionId, change.Stage }).Distinct().ToListAsync(cancellationToken);
        return stages.ToLookup(change => change.ActionId, change => change.Stage);
    }
}
