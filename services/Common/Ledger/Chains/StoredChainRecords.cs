using Dapr;
using Dapr.Client;

using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Chains;

/// <summary>
/// Chains in the state store component <c>chains</c>, whose keys all services share (<c>keyPrefix: name</c>). Component folders of earlier versions do not have the component.
/// The services work without it, but nothing is recorded: a registered model then joins the chain of its job only by its tags.
/// </summary>
internal sealed partial class StoredChainRecords(DaprClient dapr, TimeProvider time, ILogger<StoredChainRecords> logger) : IChainRecords
{
    private const string StateStore = "chains";

    // A model can be registered long after its job ended.
    private static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    // The component can be added while the service runs, because the sidecar restarts independently.
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMinutes(1);

    private long _missingUntil;

    public bool IsAvailable => time.GetUtcNow().UtcTicks >= Volatile.Read(ref _missingUntil);

    public Task SaveJobAsync(string workspace, string job, JoinedChain chain, CancellationToken cancellationToken) => SaveAsync(JobKey(workspace, job), chain, cancellationToken);

    public Task<JoinedChain?> FindJobAsync(string workspace, string job, CancellationToken cancellationToken) => FindAsync(JobKey(workspace, job), cancellationToken);

    public Task SaveEventAsync(WorkflowEvent workflowEvent, JoinedChain chain, CancellationToken cancellationToken) => SaveAsync(EventKey(workflowEvent), chain, cancellationToken);

    public Task<JoinedChain?> FindEventAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) => FindAsync(EventKey(workflowEvent), cancellationToken);

    private async Task SaveAsync(string key, JoinedChain chain, CancellationToken cancellationToken) => await UseAsync(
        async () =>
        {
            await dapr.SaveStateAsync(StateStore, key, chain, metadata: TimeToLive.After(Retention).ToMetadata(), cancellationToken: cancellationToken);
            return chain;
        });

    private Task<JoinedChain?> FindAsync(string key, CancellationToken cancellationToken) =>
        UseAsync(async () => await dapr.GetStateAsync<JoinedChain?>(StateStore, key, cancellationToken: cancellationToken));

    private async Task<JoinedChain?> UseAsync(Func<Task<JoinedChain?>> call)
    {
        if (!IsAvailable)
        {
            return null;
        }

        try
        {
            return await call();
        }
        catch (DaprException exception) when (DaprFailures.IsStoreMissing(exception))
        {
            Volatile.Write(ref _missingUntil, (time.GetUtcNow() + RecheckInterval).UtcTicks);
            LogMissing(RecheckInterval);
            return null;
        }
    }

    private static string JobKey(string workspace, string job) => Key("job", workspace, job);

    private static string EventKey(WorkflowEvent workflowEvent) => Key("event", workflowEvent.Source, workflowEvent.Id);

    // ARM ids are case-insensitive. The key contains the length of the first part, so that different pairs have different keys.
    private static string Key(string kind, string scope, string name)
    {
        var id = ArmId.Normalize(scope);
        return $"{kind}-{StateKey.Hash($"{id.Length}:{id}{name}")}";
    }

    [LoggerMessage(1, LogLevel.Warning, "The sidecar has no state store component 'chains': add chains.yaml to its components (see components/). Until then chains are not recorded, and a registered model joins the chain of its job only by its tags; next check in {RecheckInterval}")]
    private partial void LogMissing(TimeSpan recheckInterval);
}
