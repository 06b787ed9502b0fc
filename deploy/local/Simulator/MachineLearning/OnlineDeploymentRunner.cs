using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Control;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Creates, updates and deletes deployments on the simulator's clock.</summary>
internal sealed class OnlineDeploymentRunner(
    ResourceStore store,
    OnlineEndpointRunner endpoints,
    MachineLearningEvents events,
    Timeline timeline,
    FaultStore faults,
    LongRunning operations,
    BackgroundWork work,
    TimeProvider time,
    IOptions<SimulatorOptions> options)
{
    private static readonly string[] NoCode = ["mlflow_model", "triton_model"];
    private readonly Lock _gate = new();

    /// <summary>Begins to create or update a deployment.</summary>
    /// <exception cref="ArmRefusal">Another operation is under way.</exception>
    public (JsonObject Deployment, LongOperation Operation, bool Created) Put(string id, JsonObject body, ArmRequest request)
    {
        var fails = faults.Take("OnlineDeployments_CreateOrUpdate", Fault.FailDeployment) is not null;
        lock (_gate)
        {
            var old = store.Get(id);
            ProvisionedResource.RefuseBusy(old);
            var operation = operations.Begin("onlineDeployment");
            store.TryAdd(id, ProvisionedResource.New(id, "onlineEndpoints/deployments", body, time.GetUtcNow()));
            var deployment = store.Update(id, resource =>
            {
                ProvisionedResource.Replace(resource, body, old is null ? "Creating" : "Updating");
                ProvisionedResource.Point(resource, LongRunning.StatusUri(request, operation));
            }) ?? [];
            work.Start("Deployment " + id, token => FinishAsync(id, fails, operation, token));
            return (deployment, operation, old is null);
        }
    }

    /// <summary>Begins to delete a deployment.</summary>
    /// <exception cref="ArmRefusal">Another operation is under way.</exception>
    public LongOperation Delete(string id)
    {
        lock (_gate)
        {
            ProvisionedResource.RefuseBusy(store.Get(id));
            store.Update(id, resource => ProvisionedResource.Enter(resource, "Deleting", time.GetUtcNow()));
        }

        var operation = operations.Begin("onlineDeployment");
        work.Start("Deletion of " + id, async token =>
        {
            await work.WaitAsync(options.Value.Clock.Deployment, token);
            store.Remove(id);
            endpoints.Forget(id);
            timeline.Add("deployment.deleted", Subject(id));
            operations.End(operation);
        });
        return operation;
    }

    private async Task FinishAsync(string id, bool fails, LongOperation operation, CancellationToken cancellationToken)
    {
        await work.WaitAsync(options.Value.Clock.Deployment, cancellationToken);
        var error = fails ? ("ResourceOperationFailure", "The simulator was asked to let this deployment fail.") : Obstacle(store.Get(id));
        var state = error is null ? "Succeeded" : "Failed";
        var deployment = store.Update(id, resource => ProvisionedResource.Enter(resource, state, time.GetUtcNow()));
        timeline.Add(error is null ? "deployment.succeeded" : "deployment.failed", Subject(id), events.Correlation(deployment.At("tags")), error?.Message);
        operations.End(operation, error);
    }

    private (string Code, string Message)? Obstacle(JsonObject? deployment)
    {
        var text = deployment.Text("properties", "model");
        if (ModelReference.Parse(text) is not { } reference)
        {
            return text is null ? null : ("InvalidModelReference", $"'{text}' does not name a model version.");
        }

        var suffix = $"/models/{reference.Name}/versions/{reference.Version}";
        var workspace = deployment.Text("id")?.Split("/onlineEndpoints/")[0];
        if (store.Get(workspace + suffix) is not { } model)
        {
            return ("ModelNotFound", $"The model '{reference}' was not found.");
        }

        return NoCode.Contains(model.Text("properties", "modelType")) || deployment.Text("properties", "environmentId") is not null
            ? null
            : ("EnvironmentRequired", $"The model '{reference}' is of type {model.Text("properties", "modelType")}; only MLflow and Triton models deploy without an environment.");
    }

    private static string Subject(string id)
    {
        var parts = id.Split('/');
        return $"{parts[^3]}/{parts[^1]}";
    }
}
