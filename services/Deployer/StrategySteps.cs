using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;

namespace MLEvents.Deployer;

/// <summary>The steps of a roll-out with a strategy, of a roll-back and of a retirement, by stage.</summary>
internal sealed class StrategySteps(
    DeploymentChoice choice, ModelStep model, EndpointStep endpoint, DeploymentStep deployment, AutoscaleStep autoscale, VerificationStep verification, TrafficRecordStep trafficRecord,
    TrafficMoveStep move, WatchStep watch, TrafficRestoreStep restore, RemovalStep removal, RetirementStep retirement, RollbackStep rollback,
    TimeProvider time)
{
    /// <summary>
    /// Executes the first step. For a roll-out, the step chooses the model version and the deployment's name, and checks whether the model can be deployed. The
    /// action then enters the queue.
    /// </summary>
    public async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Purpose != RolloutPurpose.Rollout)
        {
            return new Continue(Stages.Queued, TimeSpan.Zero);
        }

        var chosen = await choice.ChooseAsync(record, plan, cancellationToken);
        var result = await model.StepAsync(record, chosen, cancellationToken);
        return DeploymentChoice.AddTo(result is Continue next ? next with { Stage = Stages.Queued } : result, chosen);
    }

    /// <summary>Executes the step of the record's stage.</summary>
    public Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken) => record.Stage switch
    {
        Stages.Queued => EnterAsync(record, plan, cancellationToken),
        Stages.EndpointCreating => endpoint.StepAsync(record, plan, cancellationToken),
        Stages.DeploymentCreating => deployment.StepAsync(record, plan, cancellationToken),
        Stages.Autoscaling => autoscale.StepAsync(record, plan, cancellationToken),
        Stages.Verifying => verification.StepAsync(record, plan, cancellationToken),
        Stages.Verified => trafficRecord.StepAsync(record, plan, cancellationToken),
        Stages.TrafficRestoring => restore.StepAsync(record, plan, cancellationToken),
        Stages.DeploymentRemoving => RemoveAsync(record, plan, cancellationToken),
        Stages.RollingBack => rollback.StepAsync(record, plan, cancellationToken),
        Stages.Retiring => RetireAsync(record, plan, cancellationToken),
        var stage when Stages.IsMove(stage) => move.StepAsync(record, plan, cancellationToken),
        var stage when Stages.IsWatch(stage) => watch.StepAsync(record, plan, cancellationToken),
        var stage => Task.FromResult<StepResult>(new Failed { Detail = $"unknown stage '{stage}'; a newer version of the deployer wrote it. Retry the action" }),
    };

    // The roll-out is now the first in the queue. The step checks the model again, because the roll-out may have waited for a long time.
    private async Task<StepResult> EnterAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var state = RolloutState.FirstInQueue(time.GetUtcNow());
        if (plan.Purpose != RolloutPurpose.Rollout)
        {
            return new Continue(plan.Purpose == RolloutPurpose.Rollback ? Stages.RollingBack : Stages.Retiring, TimeSpan.Zero) { State = state };
        }

        var result = await model.StepAsync(record, plan, cancellationToken);
        return result is Continue ? result with { State = result.State.Concat(state).ToDictionary() } : result;
    }

    private async Task<StepResult> RemoveAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await removal.StepAsync(record, plan, cancellationToken);
        }
        catch (AzureException exception) when (!exception.IsCredentialRefused && !AzureSteps.AzureStep.IsRetried(exception))
        {
            return RemovalStep.End(record, $"deployment {plan.Deployment} could not be deleted: {exception.ToText()}");
        }
    }

    private async Task<StepResult> RetireAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await retirement.StepAsync(record, plan, cancellationToken);
        }
        catch (AzureException exception) when (!exception.IsCredentialRefused && !AzureSteps.AzureStep.IsRetried(exception))
        {
            return RetirementStep.End(record, plan, exception.ToText());
        }
    }
}
