using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.Ledger;

namespace MLEvents.Deployer;

/// <summary>The work of a roll-out: model, endpoint, deployment, traffic. Every step looks before it acts, so that repeating it is harmless.</summary>
internal sealed partial class Rollout(
    Generation generation, ModelStep model, EndpointStep endpoint, DeploymentStep deployment, TrafficStep traffic,
    IOptions<DeployerOptions> options, TimeProvider time, ILogger<Rollout> logger) : IActionExecutor<RolloutPlan>
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan stored, CancellationToken cancellationToken)
    {
        var result = Timely(record, await TryStepAsync(record, stored, cancellationToken));
        if (result is Retry)
        {
            LogTryAgain(record.Id, record.Stage, record.Attempt, result.Detail);
        }

        return result;
    }

    private async Task<StepResult> TryStepAsync(ActionRecord record, RolloutPlan stored, CancellationToken cancellationToken)
    {
        try
        {
            var plan = Generation.Of(record, stored);
            return await (record.Stage switch
            {
                Stages.EndpointCreating => endpoint.StepAsync(record, plan, cancellationToken),
                Stages.DeploymentCreating => deployment.StepAsync(record, plan, cancellationToken),
                Stages.TrafficMoving => traffic.StepAsync(record, plan, cancellationToken),
                _ => BeginAsync(record, plan, cancellationToken),
            });
        }
        catch (AzureException refusal)
        {
            return refusal.ToResult();
        }
        catch (Exception impossible) when (impossible is ArgumentException or FormatException)
        {
            // An id in the plan is no ARM id, for instance because its subscription is no GUID: that never passes.
            return new Failed { Detail = impossible.Message };
        }
    }

    private async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        var chosen = await generation.ChooseAsync(record, plan, cancellationToken);
        return Generation.Remembered(await model.StepAsync(chosen, cancellationToken), chosen);
    }

    private StepResult Timely(ActionRecord record, StepResult result) =>
        result is Retry or Continue { After.Ticks: > 0 } && time.GetUtcNow() - record.BegunAt >= options.Value.LongestRollout
            ? new Failed { Detail = $"not done after {options.Value.LongestRollout}: {result.Detail}" }
            : result;

    [LoggerMessage(1, LogLevel.Warning, "Action {ActionId} did not get past stage '{Stage}' in attempt {Attempt}, another follows: {Detail}")]
    private partial void LogTryAgain(string actionId, string stage, int attempt, string? detail);
}
