using Azure.Core;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.Events;
using MLEvents.Ledger.Chains;
using MLEvents.Rules.Plans;

namespace MLEvents.AzureSteps;

/// <summary>
/// Looks up the chain of a registered model. It searches these places in order and stops when it finds the chain: the record of the event, the tags and properties of the model,
/// the record and the tags of the job that created the model, and the record and the tags of the job's parents.
/// </summary>
internal sealed partial class AzureChainLookup(IChainRecords records, IModelVersions models, IJobs jobs, ILogger<AzureChainLookup> logger) : IChainLookup
{
    // If a step of a pipeline registers the model, the pipeline's job has the tags.
    private const int MaxParents = 3;
    private const string Parent = "parentJobName";

    public async Task<JoinedChain?> FindAsync(WorkflowEvent registered, CancellationToken cancellationToken)
    {
        if (await records.FindEventAsync(registered, cancellationToken) is { } recorded)
        {
            return recorded;
        }

        if (!Workspace.TryParse(registered.Source, out var workspace) || RegisteredModel.From(registered) is not { } model)
        {
            return JoinedChain.None;
        }

        try
        {
            // A new model version can be invisible for a moment. The chain then stays unknown, and a later call finds it.
            var found = await models.GetAsync(new ResourceIdentifier(workspace.ArmId), model.Name, model.Version, cancellationToken);
            var chain = found is null ? null : await FindAsync(workspace.ArmId, found, cancellationToken);
            await (chain is null ? Task.CompletedTask : records.SaveEventAsync(registered, chain, cancellationToken));
            return chain;
        }
        catch (Exception exception) when (exception is AzureException or ArgumentException or FormatException)
        {
            // Without the chain, the actions of the event still work. After a transient failure, the chain is looked up again.
            LogUnknown(model.Name, model.Version, exception.Message);
            return exception is AzureException { IsTransient: true } ? null : JoinedChain.None;
        }
    }

    private async Task<JoinedChain> FindAsync(string workspace, ModelVersion model, CancellationToken cancellationToken)
    {
        if ((JoinedChain.From(model.Tags) ?? JoinedChain.From(model.Properties)) is { } tagged)
        {
            return tagged;
        }

        var job = model.JobName;
        for (var parents = 0; job is { Length: > 0 } && parents <= MaxParents; parents++)
        {
            if (await records.FindJobAsync(workspace, job, cancellationToken) is { } recorded)
            {
                return recorded;
            }

            var found = await jobs.GetAsync(new ResourceIdentifier(workspace), job, cancellationToken);
            if (found is not null && JoinedChain.From(found.Tags) is { } chain)
            {
                return chain;
            }

            job = (string?)found?.Properties[Parent];
        }

        return JoinedChain.None;
    }

    [LoggerMessage(1, LogLevel.Warning, "The chain of model {Model}:{Version} could not be looked up at Azure: {Reason}")]
    private partial void LogUnknown(string model, string version, string reason);
}
