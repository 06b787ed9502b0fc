using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Creates, updates and deletes batch endpoints and their deployments on the simulator's clock.</summary>
internal sealed class BatchRunner(
    ResourceStore store, FaultStore faults, LongRunning operations, Journal journal, DurableTasks tasks, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private const string Kind = "batch-work";

    /// <summary>Starts to create or update an endpoint or a deployment.</summary>
    /// <exception cref="ArmRefusal">Another operation is running, or the resource exists in another location.</exception>
    public (JsonObject Resource, LongOperation Operation, bool Created) Put(string id, string type, JsonObject body, ArmRequest request) => journal.Commit(() =>
    {
        var old = store.Get(id);
        ProvisionedResource.RefuseMove(old, body);
        ProvisionedResource.RefuseBusy(old);
        var operation = operations.Begin("batchEndpoint");
        store.TryAdd(id, ProvisionedResource.New(id, type, body, time.GetUtcNow()));
        var resource = store.Update(id, stored =>
        {
            ProvisionedResource.Replace(stored, body, old is null ? "Creating" : "Updating");
            ProvisionedResource.SetOperation(stored, LongRunning.StatusUri(request, operation));
        }) ?? [];
        tasks.Begin(Kind, new BatchWork(id, operation.Id, OperationOutcome.Take(faults, OperationName(id, "CreateOrUpdate")), Deletes: false), PerformAsync);
        return (resource, operation, old is null);
    });

    /// <summary>Starts to delete an endpoint with its deployments, or a deployment.</summary>
    /// <exception cref="ArmRefusal">Another operation is running.</exception>
    public LongOperation Delete(string id) => journal.Commit(() =>
    {
        ProvisionedResource.RefuseBusy(store.Get(id));
        store.Update(id, stored => ProvisionedResource.Enter(stored, "Deleting", time.GetUtcNow()));
        var operation = operations.Begin("batchEndpoint");
        tasks.Begin(Kind, new BatchWork(id, operation.Id, OperationOutcome.Take(faults, OperationName(id, "Delete")), Deletes: true), PerformAsync);
        return operation;
    });

    /// <summary>Resumes the operations of an earlier process.</summary>
    public void Resume() => tasks.Resume<BatchWork>(Kind, PerformAsync);

    private async Task PerformAsync(BatchWork work, CancellationToken cancellationToken)
    {
        await tasks.WaitAsync(options.Value.Clock.Endpoint + work.Outcome.Delay, cancellationToken);
        journal.Commit(() =>
        {
            if (!operations.Runs(work.Operation))
            {
                return;
            }

            if (work is { Deletes: true, Outcome.Fails: false })
            {
                store.Remove(work.Id);
            }
            else
            {
                store.Update(work.Id, stored => ProvisionedResource.Enter(stored, work.Outcome.State, time.GetUtcNow()));
            }

            operations.End(work.Operation, work.Outcome.Error, work.Outcome.IsCanceled);
        });
    }

    private static string OperationName(string id, string verb) => id.Split('/')[^2] == "deployments" ? $"BatchDeployments_{verb}" : $"BatchEndpoints_{verb}";

    internal sealed record BatchWork(string Id, string Operation, OperationOutcome Outcome, bool Deletes);
}
