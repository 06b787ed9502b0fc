using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Gives the new deployment its share of the traffic, unless a newer version already has traffic. A lock lets only one roll-out at a time check and move the traffic. Without the lock, a
/// newer version could get traffic after the check of an older version, and then lose the traffic to the older version.
/// </summary>
internal sealed class TrafficStep(IOnlineEndpoints endpoints, NewerVersionCheck newer, EndpointRepair repair, IResourceLock locks, IOptions<DeployerOptions> options)
{
    private const string RequestedKey = "trafficAsked";

    // Longer than one change of the traffic takes, including its retries.
    private static readonly TimeSpan LockLease = TimeSpan.FromMinutes(5);

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var traffic = plan.TrafficLock;
        if (!await locks.TryTakeAsync(traffic, record.Id, LockLease, cancellationToken))
        {
            return Wait($"another roll-out moves the traffic of {plan.Endpoint}");
        }

        var hasEnded = true;
        try
        {
            var result = await CheckAndMoveAsync(record, plan, cancellationToken);
            hasEnded = result is not (Continue or Retry);
            return result;
        }
        catch (Exception exception) when (exception is OperationCanceledException or AzureException { IsTransient: true })
        {
            // The step is repeated, possibly by another replica, and the traffic may already be moving.
            hasEnded = false;
            throw;
        }
        finally
        {
            if (hasEnded)
            {
                await locks.ReleaseAsync(traffic, record.Id, CancellationToken.None);
            }
        }
    }

    private async Task<StepResult> CheckAndMoveAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted" };
        }

        if (await repair.CheckAsync(record, plan, endpoint, cancellationToken) is { } pending)
        {
            return pending is Failed ? pending with { Detail = $"{pending.Detail}. Deployment {plan.Deployment} exists; its traffic is not known" } : pending;
        }

        var wanted = TrafficShares.With(TrafficShares.NonZero(endpoint.Traffic), plan.Deployment, plan.Traffic);
        if (endpoint.Traffic.GetValueOrDefault(plan.Deployment) == wanted[plan.Deployment])
        {
            return new Succeeded { Detail = $"deployment {plan.Deployment} with model {plan.Model}:{plan.Version} has {wanted[plan.Deployment]}% of the traffic of {plan.Endpoint}" };
        }

        // If this roll-out already set the traffic, another writer has changed it since.
        // Changing it back could make both writers overwrite each other's traffic endlessly.
        return record.State.ContainsKey(RequestedKey)
            ? new Succeeded { Detail = $"deployment {plan.Deployment} with model {plan.Model}:{plan.Version} had its share of the traffic of {plan.Endpoint}; a later update has changed the traffic" }
            : await MoveAsync(record, plan, endpoint, wanted, cancellationToken);
    }

    private async Task<StepResult> MoveAsync(
        ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> wanted, CancellationToken cancellationToken)
    {
        if (!record.IsForced && await newer.FindObstacleAsync(plan, endpoint, cancellationToken) is { } obstacle)
        {
            return new Skipped { Detail = $"{obstacle}; deployment {plan.Deployment} stays without traffic" };
        }

        await endpoints.BeginSetTrafficAsync(plan.Workspace, plan.Endpoint, wanted, cancellationToken);
        return Wait($"the traffic of {plan.Endpoint} moves to {plan.Deployment}") with { State = new Dictionary<string, string> { [RequestedKey] = "yes" } };
    }

    private Continue Wait(string detail) => new(Stages.TrafficMoving, options.Value.PollInterval) { Detail = detail };
}
