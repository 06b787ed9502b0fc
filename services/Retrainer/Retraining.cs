using MLEvents.AzureML;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Retrainer;

/// <summary>The work of a retraining: start the run once, then follow it to its end.</summary>
internal sealed partial class Retraining(JobSteps jobs, FactorySteps factory, ILogger<Retraining> logger) : IActionExecutor<RetrainingPlan>
{
    public async Task<StepResult> StepAsync(ActionRecord record, RetrainingPlan plan, CancellationToken cancellationToken)
    {
        var result = await TryStepAsync(record, plan, cancellationToken);
        if (result is Retry)
        {
            LogTryAgain(record.Id, record.Stage, record.Attempt, result.Detail);
        }

        return result;
    }

    private async Task<StepResult> TryStepAsync(ActionRecord record, RetrainingPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return plan switch
            {
                JobPlan job => await jobs.StepAsync(record, job, cancellationToken),
                FactoryPlan run => await factory.StepAsync(record, run, cancellationToken),
                var other => new Failed { Detail = $"This version of the service knows no plan of the kind {other.GetType().Name}." },
            };
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

    [LoggerMessage(1, LogLevel.Warning, "Action {ActionId} did not get past stage '{Stage}' in attempt {Attempt}, another follows: {Detail}")]
    private partial void LogTryAgain(string actionId, string stage, int attempt, string? detail);
}
