using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Creates, updates and deletes online endpoints on the simulator's clock.</summary>
internal sealed class OnlineEndpointRunner(
    ResourceStore store,
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
    private const string Kind = "endpoint-work";
    private const string AnnouncedKind = "announced";
    private readonly HashSet<string> _announced = new(journal.Restored<string>(AnnouncedKind), StringComparer.OrdinalIgnoreCase);

    /// <summary>Starts to create or update an endpoint. The new traffic applies when the operation succeeds; otherwise the previous traffic stays.</summary>
    /// <exception cref="ArmRefusal">The traffic is invalid, another operation is running, or the endpoint exists in another location.</exception>
    public (JsonObject Endpoint, LongOperation Operation, bool Created) Put(string id, JsonObject body, ArmRequest request) => journal.Commit(() =>
    {
        var old = store.Get(id);
        ProvisionedResource.RefuseMove(old, body);
        ProvisionedResource.RefuseBusy(old);
        bool IsReady(string name) => Deployment(id, name) is { } found && !ProvisionedResource.IsBusy(found);
        var traffic = TrafficShares.Read(body, IsReady);
        TrafficShares.ValidateMirror(body, traffic, IsReady);
        var operation = operations.Begin("onlineEndpoint");
        store.TryAdd(id, ProvisionedResource.New(id, "onlineEndpoints", body, time.GetUtcNow()));
        var endpoint = store.Update(id, resource =>
        {
            ProvisionedResource.Replace(resource, body, old is null ? "Creating" : "Updating", "traffic", "mirrorTraffic", "scoringUri", "swaggerUri");
            ProvisionedResource.SetOperation(resource, LongRunning.StatusUri(request, operation));
        }) ?? [];
        tasks.Begin(
            Kind,
            new EndpointWork(id, operation.Id, OperationOutcome.Take(faults, "OnlineEndpoints_CreateOrUpdate"), traffic, body.Map("properties", "mirrorTraffic"), request.BaseAddress),
            PerformAsync);
        return (endpoint, operation, old is null);
    });

    /// <summary>Starts to delete an endpoint with its deployments.</summary>
    /// <exception cref="ArmRefusal">Another operation is running.</exception>
    public LongOperation Delete(string id) => journal.Commit(() =>
    {
        ProvisionedResource.RefuseBusy(store.Get(id));
        store.Update(id, resource => ProvisionedResource.Enter(resource, "Deleting", time.GetUtcNow()));
        var operation = operations.Begin("onlineEndpoint");
        tasks.Begin(Kind, new EndpointWork(id, operation.Id, OperationOutcome.Take(faults, "OnlineEndpoints_Delete"), null, null, null), PerformAsync);
        return operation;
    });

    /// <summary>Resumes the operations of an earlier process.</summary>
    public void Resume() => tasks.Resume<EndpointWork>(Kind, PerformAsync);

    /// <summary>
    /// Forgets that <c>ModelDeployed</c> was raised for a deleted deployment, or for the deployments of a deleted endpoint. A new deployment with the same name then
    /// raises the event again.
    /// </summary>
    public void Forget(string deleted) => journal.Commit(() =>
    {
        foreach (var id in _announced.Where(id => $"{id}/".StartsWith($"{deleted}/", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            _announced.Remove(id);
            journal.Remove(AnnouncedKind, id.ToUpperInvariant());
        }
    });

    private static string Name(string id) => id[(id.LastIndexOf('/') + 1)..];

    private JsonObject? Deployment(string endpoint, string name) => store.Get($"{endpoint}/deployments/{name}");

    private async Task PerformAsync(EndpointWork work, CancellationToken cancellationToken)
    {
        await tasks.WaitAsync(options.Value.Clock.Endpoint + work.Outcome.Delay, cancellationToken);
        journal.Commit(() =>
        {
            if (!operations.Runs(work.Operation))
            {
                return;
            }

            if (work.Outcome.Fails)
            {
                store.Update(work.Id, resource => ProvisionedResource.Enter(resource, work.Outcome.State, time.GetUtcNow()));
                timeline.Add("endpoint.failed", Name(work.Id), events.Correlation(store.Get(work.Id).At("tags")), work.Outcome.Error?.Message);
            }
            else if (work is { Traffic: { } traffic })
            {
                Finish(work, traffic);
            }
            else
            {
                Remove(work.Id);
            }

            operations.End(work.Operation, work.Outcome.Error, work.Outcome.IsCanceled);
        });
    }

    private void Remove(string id)
    {
        foreach (var deployment in store.List(id + "/deployments"))
        {
            changes.DeleteDeployment(Name(id), deployment.Text("name") ?? "", ModelReference.OfDeployment(deployment), []);
        }

        store.Remove(id);
        Forget(id);
        timeline.Add("endpoint.deleted", Name(id));
    }

    private void Finish(EndpointWork work, JsonObject traffic)
    {
        var id = work.Id;
        store.Update(id, resource =>
        {
            var properties = resource.GetOrAddObject("properties");
            properties["traffic"] = traffic.Copy();
            properties["mirrorTraffic"] = (work.Mirror ?? []).Copy();
            properties["scoringUri"] = $"{work.BaseAddress}/score/{Name(id)}";
            properties["swaggerUri"] = $"{work.BaseAddress}/score/{Name(id)}/swagger.json";
            ProvisionedResource.Enter(resource, "Succeeded", time.GetUtcNow());
        });
        timeline.Add("endpoint.succeeded", Name(id), events.Correlation(store.Get(id).At("tags")), traffic.ToJsonString());
        changes.SetTraffic(Name(id), traffic);
        Announce(id, traffic);
    }

    private void Announce(string id, JsonObject traffic)
    {
        foreach (var name in TrafficShares.Receivers(traffic))
        {
            var key = $"{id}/deployments/{name}";
            if (_announced.Add(key) && Deployment(id, name) is { } deployment)
            {
                journal.Put(AnnouncedKind, key.ToUpperInvariant(), key);
                events.ModelDeployed(Name(id), deployment);
            }
        }
    }

    internal sealed record EndpointWork(string Id, string Operation, OperationOutcome Outcome, JsonObject? Traffic, JsonObject? Mirror, string? BaseAddress);
}
