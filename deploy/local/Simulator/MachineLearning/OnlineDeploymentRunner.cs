using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Creates, updates and deletes online deployments on the simulator's clock.</summary>
internal sealed class OnlineDeploymentRunner(
    ResourceStore store,
    OnlineEndpointRunner endpoints,
    MachineLearningEvents events,
    Timeline timeline,
    EndpointChanges changes,
    FaultStore faults,
    LongRunning operations,
    Journal journal,
    DurableTasks tasks,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private const string Kind = "deployment-work";
    private static readonly string[] NoCode = ["mlflow_model", "triton_model"];

    /// <summary>Starts to create or update a deployment.</summary>
    /// <exception cref="ArmRefusal">Another operation is running, or the deployment exists in another location.</exception>
    public (JsonObject Deployment, LongOperation Operation, bool Created) Put(string id, JsonObject body, ArmRequest request) => journal.Commit(() =>
    {
        var old = store.Get(id);
        ProvisionedResource.RefuseMove(old, body);
        ProvisionedResource.RefuseBusy(old);
        var operation = operations.Begin("onlineDeployment");
        store.TryAdd(id, ProvisionedResource.New(id, "onlineEndpoints/deployments", body, time.GetUtcNow()));
        var deployment = store.Update(id, resource =>
        {
            ProvisionedResource.Replace(resource, body, old is null ? "Creating" : "Updating");
            resource.GetOrAddObject("properties")["scaleSettings"] ??= new JsonObject { ["scaleType"] = "Default" };
            ProvisionedResource.SetOperation(resource, LongRunning.StatusUri(request, operation));
        }) ?? [];
        if (old is null)
        {
            changes.AddDeployment(EndpointOf(id), NameOf(id), ModelReference.OfDeployment(deployment), Traffic(id));
        }

        tasks.Begin(Kind, new DeploymentWork(id, operation.Id, OperationOutcome.Take(faults, "OnlineDeployments_CreateOrUpdate"), Deletes: false), PerformAsync);
        return (deployment, operation, old is null);
    });

    /// <summary>Starts to delete a deployment.</summary>
    /// <exception cref="ArmRefusal">Another operation is running.</exception>
    public LongOperation Delete(string id) => journal.Commit(() =>
    {
        ProvisionedResource.RefuseBusy(store.Get(id));
        store.Update(id, resource => ProvisionedResource.Enter(resource, "Deleting", time.GetUtcNow()));
        var operation = operations.Begin("onlineDeployment");
        tasks.Begin(Kind, new DeploymentWork(id, operation.Id, OperationOutcome.Take(faults, "OnlineDeployments_Delete"), Deletes: true), PerformAsync);
        return operation;
    });

    /// <summary>Resumes the operations of an earlier process.</summary>
    public void Resume() => tasks.Resume<DeploymentWork>(Kind, PerformAsync);

    private async Task PerformAsync(DeploymentWork work, CancellationToken cancellationToken)
    {
        await tasks.WaitAsync(options.Value.Clock.Deployment + work.Outcome.Delay, cancellationToken);
        journal.Commit(() =>
        {
            if (!operations.Runs(work.Operation))
            {
                return;
            }

            if (work is { Deletes: true, Outcome.Fails: false })
            {
                Remove(work);
            }
            else
            {
                Finish(work);
            }
        });
    }

    private void Remove(DeploymentWork work)
    {
        changes.DeleteDeployment(EndpointOf(work.Id), NameOf(work.Id), ModelReference.OfDeployment(store.Get(work.Id)), Traffic(work.Id));
        store.Remove(work.Id);
        endpoints.Forget(work.Id);
        timeline.Add("deployment.deleted", Subject(work.Id));
        operations.End(work.Operation);
    }

    private void Finish(DeploymentWork work)
    {
        var error = work.Outcome.Error ?? FindError(store.Get(work.Id));
        var state = error is null ? "Succeeded" : work.Outcome.IsCanceled ? "Canceled" : "Failed";
        var deployment = store.Update(work.Id, resource => ProvisionedResource.Enter(resource, state, time.GetUtcNow()));
        timeline.Add(error is null ? "deployment.succeeded" : "deployment.failed", Subject(work.Id), events.Correlation(deployment.At("tags")), error?.Message);
        operations.End(work.Operation, error, work.Outcome.IsCanceled);
    }

    private (string Code, string Message)? FindError(JsonObject? deployment)
    {
        var text = deployment.Text("properties", "model");
        if (ModelReference.Parse(text) is not { } reference)
        {
            return text is null ? null : ("InvalidModelReference", $"'{text}' does not name a model version.");
        }

        if (store.Get(reference.IdFor(deployment.Text("id") ?? "")) is not { } model)
        {
            return ("ModelNotFound", $"The model '{reference}' was not found.");
        }

        return NoCode.Contains(model.Text("properties", "modelType")) || deployment.Text("properties", "environmentId") is not null
            ? null
            : ("EnvironmentRequired", $"The model '{reference}' is of type {model.Text("properties", "modelType")}; only MLflow and Triton models can be deployed without an environment.");
    }

    private static string EndpointOf(string id) => id.Split('/')[^3];

    private static string NameOf(string id) => id.Split('/')[^1];

    private static string Subject(string id) => $"{EndpointOf(id)}/{NameOf(id)}";

    private JsonObject Traffic(string id) => store.Get(id.Split("/deployments/")[0]).Map("properties", "traffic");

    internal sealed record DeploymentWork(string Id, string Operation, OperationOutcome Outcome, bool Deletes);
}
