using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Deployer.Watching;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Watches the new deployment for the bake time of a step, and continues with the next step if every check passes.</summary>
internal sealed class WatchStep(
    EndpointTraffic traffic, IOnlineDeployments deployments, MetricWatch watch, RolloutEnding ending, RetirementStep retirement, IOptions<DeployerOptions> options, TimeProvider time)
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var level = record.TrafficLevels(plan)[record.LevelIndex()];
        if (await FindObstacleAsync(record, plan, level, cancellationToken) is { } obstacle)
        {
            return obstacle;
        }

        var verdicts = await EvaluateAsync(record, plan, cancellationToken);
        if (verdicts.Where(verdict => verdict.Outcome == MetricOutcome.Crossed).ToList() is { Count: > 0 } crossed)
        {
            return await ending.FailAsync(record, plan, $"{Describe(plan, level)}: {Texts(crossed)}", cancellationToken);
        }

        var left = record.Since() + level.Bake - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            var pause = left < options.Value.PollInterval ? left : options.Value.PollInterval;
            return new Continue(record.Stage, pause) { Detail = $"{Describe(plan, level)}, until {record.Since() + level.Bake:u}{(verdicts.Count == 0 ? "" : $": {Texts(verdicts)}")}" };
        }

        return verdicts.Where(verdict => verdict.Outcome == MetricOutcome.Missing).ToList() is { Count: > 0 } missing
            ? await WaitForMetricsAsync(record, plan, level, missing, cancellationToken)
            : await ContinueAsync(record, plan, level, verdicts, cancellationToken);
    }

    // Checks the conditions that end the roll-out or make it wait, except the metrics.
    private async Task<StepResult?> FindObstacleAsync(ActionRecord record, RolloutPlan plan, TrafficLevel level, CancellationToken cancellationToken)
    {
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint)
        {
            return new Failed { Detail = $"endpoint {plan.Endpoint} was deleted while {plan.Deployment} was watched" };
        }

        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return ending.Wait(record, $"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}");
        }

        if (!EndpointTraffic.Has(endpoint, plan.Deployment, level))
        {
            return new Failed { Detail = TrafficMoveStep.DescribeExternalChange(plan, endpoint, level.Traffic) };
        }

        return await deployments.GetAsync(plan.Workspace, plan.Endpoint, plan.Deployment, cancellationToken) is { } deployment && !ProvisioningState.IsFailed(deployment.ProvisioningState)
            ? null
            : await ending.FailAsync(record, plan, $"{Describe(plan, level)}: the deployment failed or was deleted", cancellationToken);
    }

    // The end of a time span must be later than its start, but the clock may not have advanced since the start.
    private DateTimeOffset EndOfSpan(DateTimeOffset since) => time.GetUtcNow() is var now && now > since ? now : since + TimeSpan.FromSeconds(1);

    private Task<IReadOnlyList<MetricVerdict>> EvaluateAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var span = new DeploymentSpan(plan.Workspace, plan.Endpoint, plan.Deployment, record.Since(), EndOfSpan(record.Since()));
        var current = TrafficShares.Largest(record.TrafficBefore() ?? new Dictionary<string, int>(), plan.Deployment);
        return watch.EvaluateAsync(plan.Strategy?.Metrics ?? [], span, current, record.FirstInQueueSince(), cancellationToken);
    }

    private async Task<StepResult> WaitForMetricsAsync(ActionRecord record, RolloutPlan plan, TrafficLevel level, IReadOnlyList<MetricVerdict> missing, CancellationToken cancellationToken)
    {
        var isLate = time.GetUtcNow() >= record.Since() + level.Bake + options.Value.MetricsDelay;
        return isLate
            ? await ending.FailAsync(record, plan, $"{Describe(plan, level)}; its metrics are still missing: {Texts(missing)}", cancellationToken)
            : ending.Wait(record, $"{Describe(plan, level)}; waiting for its metrics: {Texts(missing)}");
    }

    private async Task<StepResult> ContinueAsync(ActionRecord record, RolloutPlan plan, TrafficLevel level, IReadOnlyList<MetricVerdict> verdicts, CancellationToken cancellationToken)
    {
        var (levels, next) = (record.TrafficLevels(plan), record.LevelIndex() + 1);
        var passed = $"{Describe(plan, level)}: checks passed{(verdicts.Count == 0 ? "" : $" ({Texts(verdicts)})")}";
        return next < levels.Count
            ? new Continue(Stages.Move(levels[next]), TimeSpan.Zero) { Detail = passed, State = RolloutState.Move(next, time.GetUtcNow()) }
            : await retirement.BeginAsync(record, plan, $"deployment {plan.Deployment} with model {plan.Model}:{plan.Version} has {level.Label}% of the traffic of {plan.Endpoint}", cancellationToken);
    }

    private static string Describe(RolloutPlan plan, TrafficLevel level) =>
        level.Mirror > 0 ? $"{plan.Deployment} with {level.Mirror}% mirrored traffic" : $"{plan.Deployment} at {level.Label}% of the traffic";

    private static string Texts(IEnumerable<MetricVerdict> verdicts) => string.Join("; ", verdicts.Select(verdict => verdict.Text));
}
