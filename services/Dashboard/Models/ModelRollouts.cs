using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Models;

/// <summary>Reads the roll-outs and roll-backs of a model from the history.</summary>
internal sealed class ModelRollouts(RolloutQueries queries)
{
    private const int MaxActions = 50;

    // These names of the deployer's stages are part of its activity events, so they do not change without a migration.
    private const string Retiring = "retiring";
    private const string Queued = "queued";

    /// <summary>Returns the roll-outs of a model and the roll-backs of its endpoints, the latest change first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="events">The events about the model.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public async Task<IReadOnlyList<ModelRollout>> ReadAsync(string model, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var versions = events.ToDictionary(stored => stored.Key, stored => stored.ModelVersion);
        var actions = await queries.RolloutsAsync(model, [.. versions.Keys], MaxActions, cancellationToken);
        var stages = await queries.StagesAsync([.. actions.Select(action => action.Id)], cancellationToken);
        var rollouts = actions.Where(action => !IsRetirement(stages[action.Id])).Select(action => new ModelRollout(action, VersionOf(action), IsRollback: false, IsRestored: IsRestored(action)));
        var rollbacks = await queries.RollbacksAsync([.. ModelEvents.Endpoints(events).Select(endpoint => endpoint.Name).Distinct()], MaxActions, cancellationToken);
        return [.. rollouts.Concat(rollbacks.Select(action => new ModelRollout(action, "", IsRollback: true, IsRestored: false))).OrderByDescending(rollout => rollout.Action.UpdatedAt).Take(MaxActions)];

        // The subject of an operator's request is models/NAME:VERSION.
        string VersionOf(StoredAction action) => versions.GetValueOrDefault(action.EventKey) ?? action.EventSubject[(action.EventSubject.LastIndexOf(':') + 1)..];
    }

    // The stage 'traffic-restoring' does not prove that the traffic was restored. After this stage, a roll-out can also end because its endpoint was deleted,
    // or because its traffic was changed outside the roll-out.
    private static bool IsRestored(StoredAction action) => action.IsFinished && RestoredTraffic.IsIn(action.Detail);

    // The deployer deletes replaced deployments with a separate action, which has the same event as the roll-out.
    private static bool IsRetirement(IEnumerable<string> stages) => stages.Where(stage => stage is not ("" or Queued)).Distinct().ToList() is [Retiring];
}

/// <summary>A roll-out of a version, or a roll-back of an endpoint.</summary>
/// <param name="Action">The action of the deployer.</param>
/// <param name="Version">The version that is rolled out; empty for a roll-back.</param>
/// <param name="IsRollback">Whether an operator requested a roll-back.</param>
/// <param name="IsRestored">Whether the roll-out restored the previous traffic.</param>
public sealed record ModelRollout(StoredAction Action, string Version, bool IsRollback, bool IsRestored);
