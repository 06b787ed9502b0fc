using System.Globalization;

using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Deletes the deployments that the rule created and no longer keeps. A deployment with traffic stays.</summary>
internal sealed class RetirementStep(EndpointTraffic traffic, IOnlineDeployments deployments, AutoscaleStep autoscale, IFollowUps followUps, RolloutEnding ending, TimeProvider time)
{
    private const string RetiredKey = "retired";
    private const string DoneKey = "done";

    /// <summary>Ends a successful roll-out. If the strategy sets <c>keep</c>, the replaced deployments are deleted now, or later by a separate action (<c>retireAfter</c>).</summary>
    public async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, string done, CancellationToken cancellationToken)
    {
        if (plan.Strategy is not { Keep: not null } strategy)
        {
            return new Succeeded { Detail = done };
        }

        if (strategy.RetireAfter == TimeSpan.Zero)
        {
            return new Continue(Stages.Retiring, TimeSpan.Zero) { Detail = done, State = new Dictionary<string, string>(RolloutState.Began(time.GetUtcNow())) { [DoneKey] = done } };
        }

        var due = time.GetUtcNow() + strategy.RetireAfter;
        var later = new FollowUp($"retire {record.RemoteId}", (plan with { Purpose = RolloutPurpose.Retirement }).ToJson(), due, $"the deployments of {plan.Endpoint} that rule {record.Rule} no longer needs are deleted later");
        await followUps.EnsureAsync(record, later, cancellationToken);
        return new Succeeded { Detail = string.Create(CultureInfo.InvariantCulture, $"{done}; the replaced deployments are deleted after {due:u}") };
    }

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return End(record, plan, null);
        }

        var all = await deployments.ListAsync(plan.Workspace, plan.Endpoint, cancellationToken);
        var retired = FindRetired(record.Rule, plan, endpoint, all);
        if (retired.Count == 0)
        {
            return End(record, plan, null);
        }

        // An endpoint accepts one change at a time.
        if (ProvisioningState.IsTerminal(endpoint.ProvisioningState) && retired.All(deployment => ProvisioningState.IsTerminal(deployment.ProvisioningState)))
        {
            await autoscale.RemoveAsync(record, plan, retired[0], cancellationToken);
            await deployments.DeleteAsync(plan.Workspace, plan.Endpoint, retired[0].Name, cancellationToken);
        }

        return ending.Wait(record, $"{Done(record, plan)}; being deleted: {string.Join(", ", retired.Select(deployment => deployment.Name))}") with { State = AddRetired(record, retired) };
    }

    /// <summary>Ends the action. A deployment that could not be deleted does not fail the roll-out.</summary>
    public static StepResult End(ActionRecord record, RolloutPlan plan, string? fault)
    {
        var deleted = record.State.TryGetValue(RetiredKey, out var names) ? $"deleted: {names}" : "no deployment to delete";
        return new Succeeded { Detail = $"{Done(record, plan)}; {(fault is null ? deleted : $"some deployments could not be deleted ({fault})")}" };
    }

    /// <summary>The deployments to delete, the oldest first.</summary>
    internal static IReadOnlyList<OnlineDeployment> FindRetired(string rule, RolloutPlan plan, OnlineEndpoint endpoint, IEnumerable<OnlineDeployment> deployments)
    {
        var keep = plan.Strategy?.Keep ?? int.MaxValue;
        var unused = deployments
            .Where(deployment => deployment.Tags.GetValueOrDefault(Correlation.RuleTag) == rule)
            .Where(deployment => plan.Purpose == RolloutPurpose.Retirement || deployment.Name != plan.Deployment)
            .Where(deployment => endpoint.Traffic.GetValueOrDefault(deployment.Name) == 0 && EndpointTraffic.MirrorOf(endpoint, deployment.Name) == 0)
            .ToLookup(deployment => deployment.CreatedAt() is not null);

        // The rule keeps the newest deployments. A deployment without a creation time could be one of them, so it is deleted only if the rule keeps none.
        return [.. unused[true].OrderByDescending(DeploymentTimes.CreatedAt).Skip(keep).Reverse(), .. keep == 0 ? unused[false] : []];
    }

    private static string Done(ActionRecord record, RolloutPlan plan) => record.State.GetValueOrDefault(DoneKey, $"retirement on {plan.Endpoint} after {plan.Model}:{plan.Version}");

    private static Dictionary<string, string> AddRetired(ActionRecord record, IEnumerable<OnlineDeployment> retired)
    {
        var known = record.State.TryGetValue(RetiredKey, out var names) ? names.Split(", ") : [];
        return new() { [RetiredKey] = string.Join(", ", known.Union(retired.Select(deployment => deployment.Name))) };
    }
}
