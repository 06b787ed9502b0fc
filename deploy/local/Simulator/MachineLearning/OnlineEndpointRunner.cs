using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Creates, updates and deletes online endpoints on the simulator's clock.</summary>
internal sealed class OnlineEndpointRunner(
    ResourceStore store, MachineLearningEvents events, Control.Timeline timeline, LongRunning operations, BackgroundWork work, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _announced = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Begins to create or update an endpoint. New traffic flows when that ends.</summary>
    /// <exception cref="ArmRefusal">The traffic is wrong, or another operation is under way.</exception>
    public (JsonObject Endpoint, LongOperation Operation, bool Created) Put(string id, JsonObject body, ArmRequest request)
    {
        lock (_gate)
        {
            var old = store.Get(id);
            ProvisionedResource.RefuseBusy(old);
            var traffic = Traffic.Read(body, name => Deployment(id, name) is { } found && !ProvisionedResource.IsBusy(found));
            var operation = operations.Begin("onlineEndpoint");
            store.TryAdd(id, ProvisionedResource.New(id, "onlineEndpoints", body, time.GetUtcNow()));
            var endpoint = store.Update(id, resource =>
            {
                ProvisionedResource.Replace(resource, body, old is null ? "Creating" : "Updating", "traffic", "scoringUri", "swaggerUri");
                ProvisionedResource.Point(resource, LongRunning.StatusUri(request, operation));
            }) ?? [];

            // Read here: the work outlives the request.
            var baseAddress = request.BaseAddress;
            work.Start("Endpoint " + id, token => FinishAsync(id, traffic, baseAddress, operation, token));
            return (endpoint, operation, old is null);
        }
    }

    /// <summary>Begins to delete an endpoint with its deployments.</summary>
    /// <exception cref="ArmRefusal">Another operation is under way.</exception>
    public LongOperation Delete(string id)
    {
        lock (_gate)
        {
            ProvisionedResource.RefuseBusy(store.Get(id));
            store.Update(id, resource => ProvisionedResource.Enter(resource, "Deleting", time.GetUtcNow()));
        }

        var operation = operations.Begin("onlineEndpoint");
        work.Start("Deletion of " + id, async token =>
        {
            await work.WaitAsync(options.Value.Clock.Endpoint, token);
            store.Remove(id);
            Forget(id + "/");
            timeline.Add("endpoint.deleted", Name(id));
            operations.End(operation);
        });
        return operation;
    }

    /// <summary>Lets a deployment made anew under an old name be announced again.</summary>
    public void Forget(string prefix)
    {
        lock (_gate)
        {
            _announced.RemoveWhere(id => id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static string Name(string id) => id[(id.LastIndexOf('/') + 1)..];

    private JsonObject? Deployment(string endpoint, string name) => store.Get($"{endpoint}/deployments/{name}");

    private async Task FinishAsync(string id, JsonObject traffic, string baseAddress, LongOperation operation, CancellationToken cancellationToken)
    {
        await work.WaitAsync(options.Value.Clock.Endpoint, cancellationToken);
        store.Update(id, resource =>
        {
            var properties = resource.Need("properties");
            properties["traffic"] = traffic.Copy();
            properties["scoringUri"] = $"{baseAddress}/score/{Name(id)}";
            properties["swaggerUri"] = $"{baseAddress}/score/{Name(id)}/swagger.json";
            ProvisionedResource.Enter(resource, "Succeeded", time.GetUtcNow());
        });
        operations.End(operation);
        timeline.Add("endpoint.succeeded", Name(id), events.Correlation(store.Get(id).At("tags")), traffic.ToJsonString());
        Announce(id, traffic);
    }

    private void Announce(string id, JsonObject traffic)
    {
        foreach (var name in Traffic.Receivers(traffic))
        {
            bool first;
            lock (_gate)
            {
                first = _announced.Add($"{id}/deployments/{name}");
            }

            if (first && Deployment(id, name) is { } deployment)
            {
                events.ModelDeployed(Name(id), deployment);
            }
        }
    }
}
