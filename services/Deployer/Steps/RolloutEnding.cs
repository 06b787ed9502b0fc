using Microsoft.Extensions.Options;

using MLEvents.Deployer.Queueing;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Steps;

/// <summary>Ends a roll-out that has a strategy and that failed or was superseded.</summary>
internal sealed class RolloutEnding(ContainerLogs logs, IOptions<DeployerOptions> options, TimeProvider time)
{
    /// <summary>Ends a roll-out after a failed check, a failed traffic change or an exceeded time limit.</summary>
    /// <param name="record">The action.</param>
    /// <param name="plan">The roll-out.</param>
    /// <param name="reason">The failure, for people. The end of the inference server's log is added to it.</param>
    /// <param name="cancellationToken">Cancels the reading of the server's log.</param>
    public async Task<StepResult> FailAsync(ActionRecord record, RolloutPlan plan, string reason, CancellationToken cancellationToken)
    {
        var evidence = reason + await logs.ReadServerAsync(plan, cancellationToken);
        if (!Stages.IsExposed(record.Stage))
        {
            return FailBeforeTraffic(plan, $"deployment {plan.Deployment} gets no traffic: {evidence}");
        }

        var level = TrafficSchedule.Describe(record.TrafficLevels(plan)[record.LevelIndex()].Traffic);
        var traffic = Stages.IsWatch(record.Stage) ? level : $"Azure did not confirm the update to {level}";
        return plan.Strategy?.OnFailure == FailureAction.Hold
            ? new Failed { Detail = $"{reason}; the traffic of {plan.Endpoint} stays as it is, because the rule says onFailure: hold ({traffic}){evidence[reason.Length..]}" }
            : Restore(evidence, isSuperseded: false);
    }

    /// <summary>Ends a roll-out before its deployment got traffic.</summary>
    public StepResult FailBeforeTraffic(RolloutPlan plan, string reason) => plan.Strategy?.FailedDeployment == FailedDeploymentAction.Delete
        ? new Continue(Stages.DeploymentRemoving, TimeSpan.Zero) { Detail = reason, State = RolloutState.End(reason, isSuperseded: false, time.GetUtcNow()) }
        : new Failed { Detail = reason };

    /// <summary>
    /// Ends a roll-out that a newer version or a roll-back supersedes. If the endpoint had no traffic before the roll-out, the deployment keeps the traffic,
    /// because no other deployment can answer requests.
    /// </summary>
    /// <param name="record">The action.</param>
    /// <param name="newer">The newer version or the roll-back.</param>
    public StepResult Supersede(ActionRecord record, QueuedRollout newer)
    {
        var reason = DescribeEnd(newer);
        return Stages.IsWatch(record.Stage) && record.IsAlone() ? new Skipped { Detail = $"{reason}; the deployment keeps its traffic, because the endpoint had no traffic before this roll-out" }
            : Stages.IsExposed(record.Stage) ? Restore(reason, isSuperseded: true) : new Skipped { Detail = DescribeEndBeforeTraffic(newer) };
    }

    /// <summary>The reason why a roll-out without traffic ends because of a newer version or a roll-back, for people.</summary>
    public static string DescribeEndBeforeTraffic(QueuedRollout newer) => $"{DescribeEnd(newer)} before this roll-out got traffic";

    /// <summary>Stays in the current stage until the next poll.</summary>
    public Continue Wait(ActionRecord record, string detail) => new(record.Stage, options.Value.PollInterval) { Detail = detail };

    private static string DescribeEnd(QueuedRollout newer) => $"superseded by {(newer.IsRollback ? "a roll-back" : $"{newer.Model}:{newer.Version}")} (action {newer.Action})";

    private Continue Restore(string reason, bool isSuperseded) =>
        new(Stages.TrafficRestoring, TimeSpan.Zero) { Detail = $"the traffic is being restored: {reason}", State = RolloutState.End(reason, isSuperseded, time.GetUtcNow()) };
}
