using Microsoft.Extensions.Options;

using MLEvents.AzureML.Errors;
using MLEvents.AzureSteps;
using MLEvents.Deployer.Steps;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;
using MLEvents.Ledger.Approvals;

namespace MLEvents.Deployer;

/// <summary>
/// Executes a roll-out in this order: model, endpoint, deployment, autoscale setting, traffic. Every step reads the current state from Azure before it changes anything, so repeating a step is
/// safe. <see cref="StrategyRollout"/> executes roll-outs with a strategy, roll-backs and retirements.
/// </summary>
internal sealed class Rollout(
    DeploymentChoice choice, ModelStep model, EndpointStep endpoint, DeploymentStep deployment, AutoscaleStep autoscale, TrafficStep traffic,
    StrategyRollout strategy, TrafficEvidence trafficEvidence, ModelEvidence modelEvidence, IOptions<DeployerOptions> options, TimeProvider time, AzureStep azure) : IActionExecutor<RolloutPlan>
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var current = DeploymentChoice.Apply(record, plan);
        return !current.IsQueued
            ? LimitDuration(record, await azure.RunAsync(record, () => RunStageAsync(record, current, cancellationToken)))
            : await strategy.StepAsync(record, current, cancellationToken);
    }

    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken) =>
        !plan.IsQueued ? null : await strategy.CancelAsync(record, DeploymentChoice.Apply(record, plan), cancellationToken);

    public async Task<string?> FindObstacleAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var current = DeploymentChoice.Apply(record, plan);
        try
        {
            return await strategy.FindObstacleAsync(record, current, cancellationToken) ?? await model.FindObstacleAsync(current, cancellationToken);
        }
        catch (AzureException)
        {
            // The approval stays open, and the next check calls Azure again.
            return null;
        }
    }

    public IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record, RolloutPlan plan)
    {
        var current = DeploymentChoice.Apply(record, plan);
        var evidence = new Dictionary<string, string>
        {
            ["model"] = $"{current.Model}:{current.Version}",
            ["deployment"] = $"{current.Deployment} ({current.InstanceCount} × {current.InstanceType ?? "default instance type"})",
            ["endpoint"] = $"{current.Endpoint} in workspace {current.Workspace.Name}",
            ["traffic"] = current.Strategy is { } steps ? $"{string.Join(", ", steps.Steps.Select(step => $"{step.Traffic}"))} percent, step by step" : $"{current.Traffic} percent",
        };
        if (current.Autoscale is { } scale)
        {
            evidence["autoscale"] = scale.ToString();
        }

        if (record.Verification() is { } verification)
        {
            evidence["verification"] = verification;
        }

        return evidence;
    }

    public async Task<IReadOnlyDictionary<string, string>> ReadEvidenceAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var current = DeploymentChoice.Apply(record, plan);
        return (await modelEvidence.ReadAsync(current, cancellationToken)).Concat(await trafficEvidence.ReadAsync(current, cancellationToken)).ToDictionary();
    }

    private Task<StepResult> RunStageAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken) => record.Stage switch
    {
        Stages.EndpointCreating => endpoint.StepAsync(record, plan, cancellationToken),
        Stages.DeploymentCreating => deployment.StepAsync(record, plan, cancellationToken),
        Stages.Autoscaling => autoscale.StepAsync(record, plan, cancellationToken),
        Stages.TrafficMoving => traffic.StepAsync(record, plan, cancellationToken),
        _ => BeginAsync(record, plan, cancellationToken),
    };

    private async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var chosen = await choice.ChooseAsync(record, plan, cancellationToken);
        return DeploymentChoice.AddTo(await model.StepAsync(record, chosen, cancellationToken), chosen);
    }

    private StepResult LimitDuration(ActionRecord record, StepResult result) =>
        result is Retry or Continue { After.Ticks: > 0 } && time.GetUtcNow() - record.BegunAt - record.ApprovalWait() >= options.Value.LongestRollout
            ? new Failed { Detail = $"roll-out did not end within {options.Value.LongestRollout} (Deployer:LongestRollout): {result.Detail}" }
            : result;
}
