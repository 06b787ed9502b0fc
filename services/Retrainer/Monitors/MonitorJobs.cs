using System.Text.Json.Nodes;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.Events;

namespace MLEvents.Retrainer.Monitors;

/// <summary>
/// Adds data that the event of a v2 model monitor does not contain. This class reads the data from the jobs of the monitor. The event comes from the job step that compares metrics
/// with thresholds. The parent of this step, the job of the signal, has the inputs <c>monitor_name</c>, <c>baseline_data</c> and <c>target_data</c>
/// (components of Azure/azureml-assets, assets/model_monitoring).
/// </summary>
internal sealed partial class MonitorJobs(IJobs jobs, IOptions<RetrainerOptions> options, TimeProvider time, ILogger<MonitorJobs> logger)
{
    // At most three jobs are read: the step, the job of its signal, and the job of the monitor.
    private const int MaxJobs = 3;
    private const string ParentJob = "parentJobName";
    private const string ParentRun = "azureml.pipelinerunid";

    /// <summary>
    /// Adds the data of the jobs to an event, within <see cref="RetrainerOptions.MonitorJobWait"/>. Returns the event unchanged if it does not come from a v2 model monitor,
    /// or if the jobs cannot be read in this time.
    /// </summary>
    public async Task<WorkflowEvent> AddAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (options.Value.MonitorJobWait == TimeSpan.Zero || workflowEvent.Type != EventTypes.RunStatusChanged || Drift.Read(workflowEvent)?.RunId is not { Length: > 0 } run
            || !Workspace.TryParse(workflowEvent.Source, out var workspace))
        {
            return workflowEvent;
        }

        using var limit = new CancellationTokenSource(options.Value.MonitorJobWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return workflowEvent with { MonitorJob = await ReadAsync(new ResourceIdentifier(workspace.ArmId), run, either.Token) };
        }
        catch (Exception exception) when (exception is AzureException or ArgumentException or FormatException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnread(run, workflowEvent.Id, exception is OperationCanceledException ? $"no answer within {options.Value.MonitorJobWait} (Retrainer:MonitorJobWait)" : exception.Message);
            return workflowEvent;
        }
    }

    private async Task<MonitorJob> ReadAsync(ResourceIdentifier workspace, string run, CancellationToken cancellationToken)
    {
        var found = new MonitorJob();
        for (var (count, name) = (0, run); count < MaxJobs && name.Length > 0; count++)
        {
            if (await jobs.GetAsync(workspace, name, cancellationToken) is not { } job)
            {
                break;
            }

            found = new MonitorJob
            {
                Monitor = found.Monitor ?? InputOf(job, "monitor_name"),
                BaselineDataset = found.BaselineDataset ?? InputOf(job, "baseline_data"),
                TargetDataset = found.TargetDataset ?? InputOf(job, "target_data"),
            };
            name = found is { Monitor: not null, BaselineDataset: not null, TargetDataset: not null } ? "" : ParentOf(job);
        }

        return found;
    }

    private static string ParentOf(Job job) => TextOf(job.Properties, ParentJob) ?? job.OwnProperties.GetValueOrDefault(ParentRun, "");

    // A literal input has a value, and a data input has a URI. An input of a step can refer to an input of its pipeline: ${{parent.inputs.…}}. The pipeline's job contains that input.
    private static string? InputOf(Job job, string name) =>
        job.Properties["inputs"] is JsonObject inputs && inputs[name] is JsonObject input && (TextOf(input, "value") ?? TextOf(input, "uri")) is { } text && !text.StartsWith("${{", StringComparison.Ordinal)
            ? text
            : null;

    private static string? TextOf(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    [LoggerMessage(1, LogLevel.Warning, "The jobs of monitor run {Run} (event {EventId}) could not be read, so templates can use only the data of the event: {Reason}")]
    private partial void LogUnread(string run, string eventId, string reason);
}
