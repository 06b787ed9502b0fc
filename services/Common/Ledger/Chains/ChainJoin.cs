using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Chains;

/// <summary>Joins the event of a registered model to the chain of the job that created the model.</summary>
internal sealed partial class ChainJoin(IChainLookup lookup, IOptions<ChainOptions> options, TimeProvider time, ILogger<ChainJoin> logger)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Finds the chain of an event.</summary>
    /// <returns>The event with its chain; the event unchanged if it names its chain, if the search is disabled, or if no chain is found in time.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable; the message must be redelivered.</exception>
    public async Task<WorkflowEvent> JoinAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (options.Value.Wait == TimeSpan.Zero || !Correlation.IsUnknown(workflowEvent))
        {
            return workflowEvent;
        }

        using var limit = new CancellationTokenSource(options.Value.Wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return workflowEvent with { Joined = await FindAsync(workflowEvent, either.Token) };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            LogUnknown(workflowEvent.Subject, workflowEvent.Id, options.Value.Wait);
            return workflowEvent;
        }
    }

    private async Task<JoinedChain> FindAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await lookup.FindAsync(workflowEvent, cancellationToken) is { } chain)
            {
                return chain;
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The chain of {Subject} (event {EventId}) was not found within {Wait} (Chains:Wait); the event begins a chain")]
    private partial void LogUnknown(string subject, string eventId, TimeSpan wait);
}
