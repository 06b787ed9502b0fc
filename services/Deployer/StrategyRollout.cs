using Microsoft.Extensions.Options;

using MLEvents.AzureML.Errors;
using MLEvents.AzureSteps;
using MLEvents.Deployer.Queueing;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;
using MLEvents.Ledger.Approvals;

namespace MLEvents.Deployer;

/// <summary>
/// Executes the actions that go through an endpoint's queue, one at a time for each endpoint: roll-outs with a strategy, retirements, and the roll-backs
/// that operators request.
/// A roll-out that fails after its deployment got traffic restores the previous traffic, and ends when Azure confirms the restored traffic. The traffic stays
/// as it is if the rule says <c>onFailure: hold</c>, or if the traffic was changed outside the roll-out.
/// </summary>
internal sealed class StrategyRollout(
    StrategySteps steps, IEndpointQueues queues, IResourceLock locks, RolloutEnding ending, TrafficRestoreStep restore, AzureStep azure,
    IOptions<DeployerOptions> options, TimeProvider time)
{
    // A roll-out ends after this number of consecutive failed attempts if its deployment has traffic. It does not wait for the ledger's higher limit.
    private const int MaxFailures = 10;

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (record.Stage.Length == 0)
        {
            return await azure.RunAsync(record, () => steps.BeginAsync(record, plan, cancellationToken));
        }

        var position = await queues.EnterAsync(plan, record.Id, options.Value.QueueLease, cancellationToken);
        var result = await RunStageAsync(record, plan, position, cancellationToken);
        if (result is not (Continue or Retry))
        {
            await LeaveAsync(record, plan, CancellationToken.None);
        }

        return result;
    }

    /// <summary>Restores the traffic of a roll-out that an operator cancels, and leaves the queue.</summary>
    /// <returns>
    /// An accepting answer if the traffic is restored or was changed outside the roll-out, or if the endpoint was deleted. A refusing answer if Azure has not confirmed the
    /// restored traffic yet. Null if the roll-out is at a stage at which there is no traffic to restore.
    /// </returns>
    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var answer = Stages.IsExposed(record.Stage) ? await restore.CancelAsync(record, plan, cancellationToken) : null;
        if (answer is not { IsAccepted: false })
        {
            await LeaveAsync(record, plan, cancellationToken);
        }

        return answer;
    }

    /// <summary>Renews the queue entry of a roll-out that waits for an approval, and checks whether a newer version or a roll-back supersedes it.</summary>
    /// <returns>
    /// The reason why the roll-out must end; null if nothing supersedes it, if it has no strategy, or if it has not begun to work on the endpoint.
    /// </returns>
    public async Task<string?> FindObstacleAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Strategy is null || !record.IsFirstInQueue())
        {
            return null;
        }

        var position = await queues.EnterAsync(plan, record.Id, options.Value.QueueLease, cancellationToken);
        return position.Newer is { } newer ? RolloutEnding.DescribeEndBeforeTraffic(newer) : null;
    }

    private async Task<StepResult> RunStageAsync(ActionRecord record, RolloutPlan plan, QueuePosition position, CancellationToken cancellationToken)
    {
        // If no other deployment has traffic, the move must finish before the roll-out can be superseded. Otherwise no deployment would answer requests.
        var isEnding = (Stages.IsMove(record.Stage) && record.IsAlone()) || record.Stage is Stages.TrafficRestoring or Stages.DeploymentRemoving or Stages.Retiring or Stages.RollingBack;
        if (position.Newer is { } newer && !isEnding && (position.IsFirst || !Stages.IsExposed(record.Stage)))
        {
            return ending.Supersede(record, newer);
        }

        if (!position.IsFirst)
        {
            return Stages.IsExposed(record.Stage) ? new Failed { Detail = $"action {position.First.Action} took over endpoint {plan.Endpoint}, because this roll-out did not renew its queue entry for {options.Value.QueueLease} (Deployer:QueueLease); the traffic stays as that action sets it" }
                : new Continue(Stages.Queued, options.Value.PollInterval) { Detail = $"action {position.First.Action} {Describe(position.First)}works on endpoint {plan.Endpoint}" };
        }

        var needsTraffic = record.Stage is Stages.Verified or Stages.RollingBack || Stages.IsExposed(record.Stage);
        if (needsTraffic && !await locks.TryTakeAsync(plan.TrafficLock, record.Id, options.Value.QueueLease, cancellationToken))
        {
            return ending.Wait(record, $"another roll-out moves the traffic of {plan.Endpoint}");
        }

        return Stages.IsExposed(record.Stage)
            ? await ProtectAsync(record, plan, cancellationToken)
            : Limit(record, plan, await azure.RunAsync(record, () => steps.StepAsync(record, plan, cancellationToken)));
    }

    // A roll-out that fails while its deployment has traffic must not end before the traffic is restored, unless the rule says 'onFailure: hold'.
    private async Task<StepResult> ProtectAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var isRestoring = record.Stage == Stages.TrafficRestoring;
        if (!isRestoring && FindEnd(record, plan) is { } end)
        {
            return await ending.FailAsync(record, plan, end, cancellationToken);
        }

        try
        {
            return await steps.StepAsync(record, plan, cancellationToken);
        }
        catch (AzureException exception) when (isRestoring)
        {
            return restore.Repeat(record, $"the traffic of {plan.Endpoint} could not be restored yet: {exception.ToText()}. {record.Reason()}");
        }
        catch (AzureException exception) when (AzureStep.IsRetried(exception))
        {
            return new Continue(record.Stage, exception.RetryAfter > options.Value.PollInterval ? exception.RetryAfter.Value : options.Value.PollInterval) { Detail = exception.ToText() };
        }
        catch (AzureException exception)
        {
            return await ending.FailAsync(record, plan, exception.ToText(), cancellationToken);
        }
    }

    private string? FindEnd(ActionRecord record, RolloutPlan plan)
    {
        var (longest, limit) = Stages.IsWatch(record.Stage)
            ? (record.TrafficLevels(plan)[record.LevelIndex()].Bake + options.Value.MetricsDelay + options.Value.LongestTrafficMove, "the bake time, Deployer:MetricsDelay and Deployer:LongestTrafficMove")
            : (options.Value.LongestTrafficMove, "Deployer:LongestTrafficMove");
        return record.Failures >= MaxFailures ? $"{record.Failures} attempts failed in a row: {record.Detail}"
            : time.GetUtcNow() - record.Since() >= longest ? $"stage {record.Stage} did not end within {longest} ({limit}): {record.Detail}"
            : null;
    }

    private StepResult Limit(ActionRecord record, RolloutPlan plan, StepResult result)
    {
        var isWaiting = result is Retry or Continue { After.Ticks: > 0 } && record.Stage != Stages.Queued;
        var began = record.Stage is Stages.DeploymentRemoving or Stages.Retiring ? record.Since() : record.FirstInQueueSince();
        if (!isWaiting || time.GetUtcNow() - began - record.ApprovalWait() < options.Value.LongestRollout)
        {
            return result;
        }

        var reason = $"stage {record.Stage} did not end within {options.Value.LongestRollout} (Deployer:LongestRollout): {result.Detail}";
        return record.Stage == Stages.Retiring ? RetirementStep.End(record, plan, reason)
            : record.Stage == Stages.DeploymentRemoving ? RemovalStep.End(record, reason)
            : new Failed { Detail = reason };
    }

    private async Task LeaveAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        await locks.ReleaseAsync(plan.TrafficLock, record.Id, cancellationToken);
        await queues.LeaveAsync(plan, record.Id, cancellationToken);
    }

    private static string Describe(QueuedRollout rollout) => rollout.Model.Length == 0 ? "" : $"of {rollout.Model}:{rollout.Version} ";
}
