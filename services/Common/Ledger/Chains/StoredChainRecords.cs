using Dapr.Client;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Chains;

/// <summary>Chains in the state store component <c>chains</c>, whose keys all services share (<c>keyPrefix: name</c>).</summary>
internal sealed class StoredChainRecords(DaprClient dapr) : IChainRecords
{
    private const string StateStore = "chains";

    // A model can be registered long after its job ended.
    private static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    public Task SaveJobAsync(string workspace, string job, JoinedChain chain, CancellationToken cancellationToken) => SaveAsync(JobKey(workspace, job), chain, cancellationToken);

    public Task<JoinedChain?> FindJobAsync(string workspace, string job, CancellationToken cancellationToken) => FindAsync(JobKey(workspace, job), cancellationToken);

    public Task SaveEventAsync(WorkflowEvent workflowEvent, JoinedChain chain, CancellationToken cancellationToken) => SaveAsync(EventKey(workflowEvent), chain, cancellationToken);

    public Task<JoinedChain?> FindEventAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) => FindAsync(EventKey(workflowEvent), cancellationToken);

    private Task SaveAsync(string key, JoinedChain chain, CancellationToken cancellationToken) =>
        dapr.SaveStateAsync(StateStore, key, chain, metadata: TimeToLive.After(Retention).ToMetadata(), cancellationToken: cancellationToken);

    private async Task<JoinedChain?> FindAsync(string key, CancellationToken cancellationToken) =>
        await dapr.GetStateAsync<JoinedChain?>(StateStore, key, cancellationToken: cancellationToken);

    private static string JobKey(string workspace, string job) => Key("job", workspace, job);

    private static string EventKey(WorkflowEvent workflowEvent) => Key("event", workflowEvent.Source, workflowEvent.Id);

    // ARM ids ignore case. With the length of the first part, so that no two different pairs have one key.
    private static string Key(string kind, string scope, string name)
    {
        var id = ArmId.Normalize(scope);
        return $"{kind}-{StateKey.Hash($"{id.Length}:{id}{name}")}";
    }
}
