using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Records the endpoint's traffic before the first traffic change, so that a failed roll-out can restore that traffic.
/// If the rule needs an approval before traffic, the ledger requests it before this step.
/// </summary>
internal sealed class TrafficRecordStep(EndpointTraffic traffic, EndpointRepair repair, NewerVersionCheck newer, RolloutEnding ending, TimeProvider time)
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted" };
        }

        if (await repair.CheckAsync(record, plan, endpoint, cancellationToken) is { } pending)
        {
            return pending is Failed { Detail: { } reason } ? ending.FailBeforeTraffic(plan, reason) : pending;
        }

        if (!record.IsForced && await newer.FindObstacleAsync(plan, endpoint, cancellationToken) is { } obstacle)
        {
            return new Skipped { Detail = $"{obstacle}; deployment {plan.Deployment} stays without traffic" };
        }

        var state = RolloutState.Traffic(endpoint.Traffic);
        var recorded = record with { State = state };
        foreach (var (key, value) in RolloutState.Move(0, time.GetUtcNow()))
        {
            state[key] = value;
        }

        return new Continue(Stages.Move(recorded.TrafficLevels(plan)[0]), TimeSpan.Zero) { Detail = $"the traffic of {plan.Endpoint} was {TrafficSchedule.Describe(endpoint.Traffic)}", State = state };
    }
}
