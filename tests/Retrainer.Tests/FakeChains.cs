using MLEvents.Events;
using MLEvents.Ledger.Chains;

namespace MLEvents.Retrainer.Tests;

/// <summary>Chains in memory.</summary>
internal sealed class FakeChains : IChainRecords
{
    /// <summary>The chains of jobs by workspace and name.</summary>
    public Dictionary<(string Workspace, string Job), JoinedChain> Jobs { get; } = [];

    /// <summary>The chains of events by id.</summary>
    public Dictionary<string, JoinedChain> Events { get; } = [];

    public bool IsAvailable => true;

    public Task SaveJobAsync(string workspace, string job, JoinedChain chain, CancellationToken cancellationToken)
    {
        Jobs[(workspace, job)] = chain;
        return Task.CompletedTask;
    }

    public Task<JoinedChain?> FindJobAsync(string workspace, string job, CancellationToken cancellationToken) => Task.FromResult(Jobs.GetValueOrDefault((workspace, job)));

    public Task SaveEventAsync(WorkflowEvent workflowEvent, JoinedChain chain, CancellationToken cancellationToken)
    {
        Events[workflowEvent.Id] = chain;
        return Task.CompletedTask;
    }

    public Task<JoinedChain?> FindEventAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) => Task.FromResult(Events.GetValueOrDefault(workflowEvent.Id));
}
