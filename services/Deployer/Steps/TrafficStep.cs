using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Gives the new deployment its share of the traffic, unless a newer version has traffic already. Only one roll-out at a time checks and moves the traffic. Otherwise, a newer
/// version could get traffic between the check and the move of an older version, and lose it again.
/// </summary>
internal sealed class TrafficStep(IOnlineEndpoints endpoints, NewerVersion newer, EndpointRepair repair, IResourceLock holds, IOptions<DeployerOptions> options)
{
    private const string Asked = "trafficAsked";

    // Longer than one move takes, including its retries.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(5);

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var traffic = plan.TrafficLock;
        if (!await holds.TryTakeAsync(traffic, record.Id, LongestHold, cancellationToken))
        {
            return Wait($"another roll-out moves the traffic of {plan.Endpoint}");
        }

        var ended = true;
        try
        {
            var result = await LookAndMoveAsync(record, plan, cancellationToken);
            ended = result is not (Continue or Retry);
            return result;
        }
        catch (AzureException exception) when (exception.IsTransient)
        {
            ended = false;
            throw;
        }
        finally
        {
            if (ended)
            {
                await holds.ReleaseAsync(traffic, record.Id, CancellationToken.None);
            }
        }
    }

    private async Task<StepResult> LookAndMoveAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} is gone" };
        }

        if (await repair.CheckAsync(record, plan, endpoint, cancellationToken) is { } pending)
        {
            return pending is Failed ? pending with { Detail = $"{pending.Detail}. Deployment {plan.Deployment} is created, its traffic is not sure" } : pending;
        }

        var wanted = TrafficShares.With(TrafficShares.Given(endpoint.Traffic), plan.Deployment, plan.Traffic);
        if (endpoint.Traffic.GetValueOrDefault(plan.Deployment) == wanted[plan.Deployment])
        {
            return new Succeeded { Detail = $"{plan.Model}:{plan.Version} has {wanted[plan.Deployment]}% of the traffic of {plan.Endpoint}, as {plan.Deployment}" };
        }

        // Moving the traffic back would let two roll-outs overwrite each other's traffic without end.
        return record.State.ContainsKey(Asked)
            ? new Succeeded { Detail = $"{plan.Model}:{plan.Version} had its share of the traffic of {plan.Endpoint}, as {plan.Deployment}; it has been moved on since" }
            : await MoveAsync(record, plan, endpoint, wanted, cancellationToken);
    }

    private async Task<StepResult> MoveAsync(
        ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> wanted, CancellationToken cancellationToken)
    {
        if (!record.IsForced && await newer.ObstacleAsync(plan, endpoint, cancellationToken) is { } obstacle)
        {
            return new Skipped { Detail = $"{obstacle}; deployment {plan.Deployment} stays without traffic" };
        }

        await endpoints.BeginSetTrafficAsync(plan.Workspace, plan.Endpoint, wanted, cancellationToken);
        return Wait($"traffic of {plan.Endpoint} moves to {plan.Deployment}") with { State = new Dictionary<string, string> { [Asked] = "yes" } };
    }

    private Continue Wait(string detail) => new(Stages.TrafficMoving, options.Value.PollInterval) { Detail = detail };
}
