using MLEvents.AzureML.Errors;
using MLEvents.AzureSteps;
using MLEvents.Ledger;
using MLEvents.Retrainer.BatchEndpoints;
using MLEvents.Retrainer.DataFactory;
using MLEvents.Retrainer.Jobs;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer;

/// <summary>Executes a retraining with the steps for the kind of its plan: a job, a Data Factory run or a batch endpoint.</summary>
internal sealed class Retraining(JobSteps jobs, FactorySteps factory, BatchSteps batch, AzureStep azure) : IActionExecutor<RetrainingPlan>
{
    public Task<StepResult> StepAsync(ActionRecord record, RetrainingPlan plan, CancellationToken cancellationToken) =>
        azure.RunAsync(record, () => RunStageAsync(record, plan, cancellationToken));

    public async Task<CancelAnswer?> CancelAsync(ActionRecord record, RetrainingPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return plan switch
            {
                JobPlan job => await jobs.CancelAsync(record, job, cancellationToken),
                FactoryPlan pipeline => await factory.CancelAsync(record, pipeline, cancellationToken),
                BatchPlan endpoint => await batch.CancelAsync(record, endpoint, cancellationToken),
                _ => null,
            };
        }
        catch (AzureException exception)
        {
            return new CancelAnswer(false, $"Azure did not cancel the run: {exception.ToText()}.");
        }
    }

    public IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record, RetrainingPlan plan) => plan switch
    {
        JobPlan job => JobEvidence.Describe(record, job),
        FactoryPlan pipeline => new Dictionary<string, string> { ["pipeline"] = pipeline.PipelineId, ["parameters"] = pipeline.Parameters.ToJsonString() },
        BatchPlan endpoint => BatchEvidence.Describe(endpoint),
        _ => new Dictionary<string, string>(),
    };

    private Task<StepResult> RunStageAsync(ActionRecord record, RetrainingPlan plan, CancellationToken cancellationToken) => plan switch
    {
        JobPlan job => jobs.StepAsync(record, job, cancellationToken),
        FactoryPlan pipeline => factory.StepAsync(record, pipeline, cancellationToken),
        BatchPlan endpoint => batch.StepAsync(record, endpoint, cancellationToken),
        _ => Task.FromResult<StepResult>(new Failed { Detail = $"this version of the retrainer does not support plans of kind {plan.GetType().Name}" }),
    };
}
