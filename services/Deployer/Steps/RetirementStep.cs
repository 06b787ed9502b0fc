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
    private const string LeftKey = "retiring";
    private const string DoneKey = "done";
    private const string Separator = ", ";

    /// <summary>
    /// Ends a successful roll-out. If the strategy sets <c>keep</c>, the deployments that the rule no longer needs are deleted now, or later by a separate action (<c>retireAfter</c>).
    /// </summary>
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
        return new Succeeded { Detail = string.Create(CultureInfo.InvariantCulture, $"{done}; the deployments that the rule no longer needs are deleted after {due:u}") };
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

        // The names are stored before the deletion, so that the detail of the action contains them after a crash or a refusal.
        var left = string.Join(Separator, retired.Select(deployment => deployment.Name));
        var detail = $"{Done(record, plan)}; being deleted: {left}";
        if (record.State.GetValueOrDefault(LeftKey) != left)
        {
            return new Continue(record.Stage, TimeSpan.Zero) { Detail = detail, State = Retiring(record, left) };
        }

        // An endpoint accepts one change at a time.
        if (ProvisioningState.IsTerminal(endpoint.ProvisioningState) && retired.All(deployment => ProvisioningState.IsTerminal(deployment.ProvisioningState)))
        {
            if (await autoscale.RemoveAsync(record, plan, retired[0], cancellationToken) is { } kept)
            {
                return new Continue(record.Stage, TimeSpan.Zero) { State = kept };
            }

            await deployments.DeleteAsync(plan.Workspace, plan.Endpoint, retired[0].Name, cancellationToken);
        }

        return ending.Wait(record, detail);
    }

    /// <summary>Ends the action. The detail names the deleted deployments and those that could not be deleted.</summary>
    /// <param name="record">The action.</param>
    /// <param name="plan">The roll-out or the retirement.</param>
    /// <param name="fault">Why deployments could not be deleted; null if all were deleted. A fault does not fail a roll-out. It fails a separate retirement.</param>
    public static StepResult End(ActionRecord record, RolloutPlan plan, string? fault)
    {
        string[] left = fault is null ? [] : NamesOf(record, LeftKey);
        var deleted = string.Join(Separator, NamesOf(record, RetiredKey).Except(left));
        var done = deleted.Length > 0 ? $"deleted: {deleted}" : "no deployment to delete";
        var failed = left.Length > 0 ? $"could not be deleted: {string.Join(Separator, left)}" : "the deployments that the rule no longer needs could not be deleted";
        var result = fault is null ? done : $"{(deleted.Length > 0 ? $"{done}; " : "")}{failed} ({fault})";
        var detail = $"{Done(record, plan)}; {result}{AutoscaleStep.DescribeKept(record)}";
        return fault is not null && plan.Purpose == RolloutPurpose.Retirement ? new Failed { Detail = detail } : new Succeeded { Detail = detail };
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

    private static Dictionary<string, string> Retiring(ActionRecord record, string left) => new()
    {
        [RetiredKey] = string.Join(Separator, NamesOf(record, RetiredKey).Union(left.Split(Separator))),
        [LeftKey] = left,
    };

    private static string[] NamesOf(ActionRecord record, string key) => record.State.TryGetValue(key, out var names) ? names.Split(Separator) : [];
}
