using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Sets the endpoint's traffic to the traffic of a step of the strategy, and waits until Azure confirms the change.</summary>
internal sealed class TrafficMoveStep(EndpointTraffic traffic, RolloutEnding ending, TimeProvider time)
{
    private const int MaxTries = 5;

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var (levels, index) = (record.TrafficLevels(plan), record.LevelIndex());
        var level = levels[index];
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted while its traffic was moved to {plan.Deployment}" };
        }

        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return ending.Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}; {Target(plan, level)}");
        }

        if (ProvisioningState.IsSucceeded(endpoint.ProvisioningState) && EndpointTraffic.Has(endpoint, plan.Deployment, level))
        {
            return new Continue(Stages.Watch(level), TimeSpan.Zero) { Detail = $"Azure confirmed: {Target(plan, level)}", State = RolloutState.Began(time.GetUtcNow()) };
        }

        var before = index == 0 ? record.TrafficBefore() ?? endpoint.Traffic : levels[index - 1].Traffic;
        if (!TrafficSchedule.AreEqual(endpoint.Traffic, before) && !TrafficSchedule.AreEqual(endpoint.Traffic, level.Traffic))
        {
            return new Failed { Detail = DescribeExternalChange(plan, endpoint, before) };
        }

        return await BeginAsync(record, plan, endpoint, level, cancellationToken);
    }

    /// <summary>Describes a change of the traffic that the roll-out did not make. Such traffic is not restored.</summary>
    public static string DescribeExternalChange(RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> expected) =>
        $"the traffic of {plan.Endpoint} was changed during the roll-out, and stays as it is: it is {TrafficSchedule.Describe(endpoint.Traffic)}, and the roll-out of {plan.Deployment} expected {TrafficSchedule.Describe(expected)}";

    private async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, TrafficLevel level, CancellationToken cancellationToken)
    {
        if (record.Tries() >= MaxTries)
        {
            return await ending.FailAsync(record, plan, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState} after {MaxTries} updates of its traffic", cancellationToken);
        }

        await traffic.BeginSetAsync(plan, endpoint, level.Traffic, level.Mirror, cancellationToken);
        return ending.Wait(record, Target(plan, level)) with { State = RolloutState.Try(record.Tries() + 1) };
    }

    private static string Target(RolloutPlan plan, TrafficLevel level) => level.Mirror > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{level.Mirror}% of the requests to {plan.Endpoint} are copied to {plan.Deployment}")
        : $"the traffic of {plan.Endpoint} is {TrafficSchedule.Describe(level.Traffic)}";
}
