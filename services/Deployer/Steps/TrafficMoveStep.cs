using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Sets the endpoint's traffic to a step and waits until Azure confirms it.</summary>
internal sealed class TrafficMoveStep(EndpointTraffic traffic, RolloutEnding ending, TimeProvider time)
{
    private const int MaxTries = 5;

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var (ladder, index) = (record.Ladder(plan), record.RungIndex());
        var rung = ladder[index];
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted while {plan.Deployment} got its traffic" };
        }

        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return ending.Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}; {Target(plan, rung)}");
        }

        if (ProvisioningState.IsSucceeded(endpoint.ProvisioningState) && EndpointTraffic.Has(endpoint, plan.Deployment, rung))
        {
            return new Continue(Stages.Watch(rung), TimeSpan.Zero) { Detail = $"Azure confirmed: {Target(plan, rung)}", State = RolloutState.Began(time.GetUtcNow()) };
        }

        var before = index == 0 ? record.TrafficBefore() ?? endpoint.Traffic : ladder[index - 1].Traffic;
        if (!TrafficLadder.AreEqual(endpoint.Traffic, before) && !TrafficLadder.AreEqual(endpoint.Traffic, rung.Traffic))
        {
            return new Failed { Detail = ForeignChange(plan, endpoint, before) };
        }

        return await BeginAsync(record, plan, endpoint, rung, cancellationToken);
    }

    /// <summary>The reason why traffic that another party changed is not restored.</summary>
    public static string ForeignChange(RolloutPlan plan, OnlineEndpoint endpoint, IReadOnlyDictionary<string, int> expected) =>
        $"the traffic of {plan.Endpoint} was changed during the roll-out, and stays as it is: it is {TrafficLadder.Describe(endpoint.Traffic)}, and the roll-out of {plan.Deployment} expected {TrafficLadder.Describe(expected)}";

    private async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint, Rung rung, CancellationToken cancellationToken)
    {
        if (record.Tries() >= MaxTries)
        {
            return await ending.FailAsync(record, plan, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState} after {MaxTries} updates of its traffic", cancellationToken);
        }

        await traffic.BeginSetAsync(plan, endpoint, rung.Traffic, rung.Mirror, cancellationToken);
        return ending.Wait(record, Target(plan, rung)) with { State = RolloutState.Try(record.Tries() + 1) };
    }

    private static string Target(RolloutPlan plan, Rung rung) => rung.Mirror > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{rung.Mirror}% of the requests to {plan.Endpoint} are copied to {plan.Deployment}")
        : $"the traffic of {plan.Endpoint} is {TrafficLadder.Describe(rung.Traffic)}";
}
