using Azure.Core;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Models;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Tests;

/// <summary>Models, endpoints and deployments of one workspace in memory. Writes take effect when a test says so.</summary>
internal sealed class FakeAzure : IModelVersions, IOnlineEndpoints, IOnlineDeployments, IResourceLock
{
    /// <summary>The action that moves the traffic; null for none.</summary>
    public string? Holder { get; set; }

    public ModelVersion? Model { get; set; }

    public OnlineEndpoint? Endpoint { get; set; }

    public OnlineEndpointSpec? AskedEndpoint { get; private set; }

    public List<OnlineDeployment> Deployments { get; } = [];

    public OnlineDeploymentSpec? AskedDeployment { get; private set; }

    public IReadOnlyDictionary<string, int>? AskedTraffic { get; private set; }

    public AzureException? Refusal { get; set; }

    public AzureException? LogRefusal { get; set; }

    public void HasEndpoint(string state = "Succeeded", params ReadOnlySpan<(string Deployment, int Share)> traffic)
    {
        var shares = new Dictionary<string, int>();
        foreach (var (deployment, share) in traffic)
        {
            shares[deployment] = share;
        }

        Endpoint = new OnlineEndpoint("churn-scoring", state, "northeurope", "Key", shares, null, new Dictionary<string, string>(), []);
    }

    public void HasDeployment(string name, string state = "Succeeded", string? version = null, ArmError? error = null) => Deployments.Add(
        new OnlineDeployment(name, state, version is null ? null : $"{TestData.Workspace}/models/churn/versions/{version}", new Dictionary<string, string>(), [], error));

    Task<bool> IResourceLock.TryTakeAsync(string name, string action, TimeSpan longest, CancellationToken cancellationToken) => Task.FromResult((Holder ??= action) == action);

    Task IResourceLock.ReleaseAsync(string name, string action, CancellationToken cancellationToken)
    {
        Holder = Holder == action ? null : Holder;
        return Task.CompletedTask;
    }

    Task<ModelVersion?> IModelVersions.GetAsync(ResourceIdentifier workspace, string name, string version, CancellationToken cancellationToken) => Answer(Model);

    Task<IReadOnlyList<ModelVersion>> IModelVersions.ListAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<OnlineEndpoint?> IOnlineEndpoints.GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => Answer(Endpoint);

    Task IOnlineEndpoints.BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string name, OnlineEndpointSpec spec, CancellationToken cancellationToken) => Answer(AskedEndpoint = spec);

    Task IOnlineEndpoints.BeginSetTrafficAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, CancellationToken cancellationToken) => Answer(AskedTraffic = traffic);

    Task IOnlineEndpoints.BeginSetTrafficAsync(
        ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, IReadOnlyDictionary<string, int> mirror, CancellationToken cancellationToken) => Answer(AskedTraffic = traffic);

    Task<OnlineDeployment?> IOnlineDeployments.GetAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken) =>
        Answer(Deployments.Find(deployment => deployment.Name == name));

    Task<IReadOnlyList<OnlineDeployment>> IOnlineDeployments.ListAsync(ResourceIdentifier workspace, string endpoint, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<OnlineDeployment>>(Deployments);

    Task IOnlineDeployments.BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string endpoint, string name, OnlineDeploymentSpec spec, CancellationToken cancellationToken) =>
        Answer(AskedDeployment = spec);

    Task IOnlineDeployments.DeleteAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<string> IOnlineDeployments.GetLogsAsync(ResourceIdentifier workspace, string endpoint, string name, string container, int tail, CancellationToken cancellationToken) =>
        LogRefusal is null ? Task.FromResult($"{container} said {tail}\n") : Task.FromException<string>(LogRefusal);

    private Task<T> Answer<T>(T answer) => Refusal is null ? Task.FromResult(answer) : Task.FromException<T>(Refusal);
}
