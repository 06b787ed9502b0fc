using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// Restores the recorded traffic, and repeats the update until Azure confirms it. The action ends earlier if the endpoint was deleted or its traffic was changed outside the roll-out.
/// </summary>
internal sealed class TrafficRestoreStep(EndpointTraffic traffic, RolloutEnding ending, IOptions<DeployerOptions> options, TimeProvider time)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var before = record.TrafficBefore() ?? throw new InvalidOperationException($"Action {record.Id} has no recorded traffic.");
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted; there is no traffic to restore. {record.Reason()}" };
        }

        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return ending.Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}; its traffic is being restored: {record.Reason()}");
        }

        if (IsRestored(plan, endpoint, before))
        {
            return End(record, plan, before);
        }

        if (IsExternal(record, plan, endpoint, before))
        {
            return new Failed { Detail = $"{TrafficMoveStep.DescribeExternalChange(plan, endpoint, before)}. {record.Reason()}" };
        }

        await traffic.BeginSetAsync(plan, endpoint, before, mirror: 0, cancellationToken);
        return Repeat(record, $"the traffic of {plan.Endpoint} is being restored to {TrafficSchedule.Describe(before)}: {record.Reason()}");
    }

    /// <summary>Starts to restore the traffic of a roll-out that an operator cancels, if it is not restored yet. Traffic that was changed outside the roll-out stays as it is.</summary>
    /// <returns>
    /// An accepting answer if Azure has confirmed that the traffic is restored, if the traffic was changed outside the roll-out, or if there is no traffic to restore. A refusing answer if
    /// Azure has not confirmed the restored traffic yet.
    /// </returns>
    public async Task<CancelAnswer> CancelAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (record.TrafficBefore() is not { } before || await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new(true, $"endpoint {plan.Endpoint} was deleted; there is no traffic to restore");
        }

        if (IsRestored(plan, endpoint, before))
        {
            return new(true, $"the traffic of {plan.Endpoint} is as before: {TrafficSchedule.Describe(before)}");
        }

        if (ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            if (IsExternal(record, plan, endpoint, before))
            {
                return new(true, TrafficMoveStep.DescribeExternalChange(plan, endpoint, before));
            }

            await traffic.BeginSetAsync(plan, endpoint, before, mirror: 0, cancellationToken);
        }

        return new(false, $"The traffic of {plan.Endpoint} is being restored, and Azure has not confirmed it yet.");
    }

    /// <summary>
    /// Repeats the update any number of times, because the failed deployment has traffic until the update succeeds. The waits between the attempts increase to 5 min,
    /// or to the poll interval if that is longer.
    /// </summary>
    public Continue Repeat(ActionRecord record, string detail)
    {
        var poll = options.Value.PollInterval;
        var longest = poll > MaxWait ? poll : MaxWait;
        var wait = poll * Math.Pow(2, Math.Min(record.Tries(), 16));
        return new(Stages.TrafficRestoring, wait < longest ? wait : longest) { Detail = detail, State = RolloutState.Try(record.Tries() + 1) };
    }

    private static bool IsRestored(RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> before) =>
        ProvisioningState.IsSucceeded(endpoint.ProvisioningState) && EndpointTraffic.Has(endpoint, plan.Deployment, new TrafficLevel("", before, 0, TimeSpan.Zero));

    // The traffic is neither the recorded traffic nor the traffic of a step.
    private static bool IsExternal(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> before) =>
        record.TrafficLevels(plan).All(level => !TrafficSchedule.AreEqual(endpoint.Traffic, level.Traffic)) && !TrafficSchedule.AreEqual(endpoint.Traffic, before);

    private StepResult End(ActionRecord record, RolloutPlan plan, IReadOnlyDictionary<string, int> before)
    {
        var detail = $"{RestoredTraffic.Describe(plan.Endpoint, TrafficSchedule.Describe(before))} {record.Reason()}";
        return plan.Strategy?.FailedDeployment == FailedDeploymentAction.Delete && !before.ContainsKey(plan.Deployment)
            ? new Continue(Stages.DeploymentRemoving, TimeSpan.Zero) { Detail = detail, State = RolloutState.End(detail, record.IsSuperseded(), time.GetUtcNow()) }
            : record.IsSuperseded() ? new Skipped { Detail = detail }
            : new Failed { Detail = detail };
    }
}
