using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;
using MLEvents.AzureML.Models;
using MLEvents.AzureML.Monitoring;
using MLEvents.AzureML.Quotas;
using MLEvents.AzureML.Scaling;
using MLEvents.AzureML.Scoring;
using MLEvents.AzureML.Tracking;
using MLEvents.Deployer.Queueing;
using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Tests;

/// <summary>
/// Models, one endpoint and its deployments in memory. Updates of the traffic and new deployments take effect only if <see cref="TakesEffect"/> is set.
/// The creation of the endpoint is only recorded.
/// </summary>
internal sealed class FakeAzure : IModelVersions, IJobs, IOnlineEndpoints, IOnlineDeployments, IScoring, IEndpointMetrics, IMachineQuotas, IRunMetrics, IAutoscaleSettings, IResourceLock, IEndpointQueues, IFollowUps
{
    /// <summary>The action that holds the traffic lock; null if none does.</summary>
    public string? LockHolder { get; set; }

    public ModelVersion? Model { get; set; }

    /// <summary>Further models by version.</summary>
    public Dictionary<string, ModelVersion> Models { get; } = [];

    /// <summary>The newest version of the model; null if there is no such model.</summary>
    public string? Latest { get; set; }

    /// <summary>The workspaces and registries in which a model was read, in order.</summary>
    public List<ResourceIdentifier> ModelContainers { get; } = [];

    /// <summary>Jobs by name.</summary>
    public Dictionary<string, Job> Jobs { get; } = [];

    /// <summary>The metrics that a run logged; null if there is no such run.</summary>
    public Func<string, IReadOnlyDictionary<string, double>?> LoggedMetrics { get; set; } = _ => null;

    /// <summary>The machine sizes that every region offers; empty if Azure has no list.</summary>
    public List<MachineSize> Sizes { get; } = [];

    /// <summary>The core quota of every family of machine sizes; null if Azure does not list the quota.</summary>
    public CoreUsage? Usage { get; set; }

    public AzureException? QuotaRefusal { get; set; }

    public OnlineEndpoint? Endpoint { get; set; }

    public OnlineEndpointSpec? RequestedEndpoint { get; private set; }

    public List<OnlineDeployment> Deployments { get; } = [];

    public OnlineDeploymentSpec? RequestedDeployment { get; private set; }

    public IReadOnlyDictionary<string, int>? RequestedTraffic { get; private set; }

    public IReadOnlyDictionary<string, int>? RequestedMirror { get; private set; }

    /// <summary>Whether updates of the traffic and new deployments take effect. Otherwise they are only recorded.</summary>
    /// <remarks>Autoscale settings and deletions always take effect.</remarks>
    public bool TakesEffect { get; set; }

    /// <summary>The state of the endpoint after an update that takes effect.</summary>
    public string StateAfterUpdate { get; set; } = "Succeeded";

    /// <summary>How many times the traffic was set.</summary>
    public int TrafficUpdates { get; private set; }

    /// <summary>The names of the deployments that were deleted.</summary>
    public List<string> Deleted { get; } = [];

    /// <summary>Called with the name of a deployment before it is deleted.</summary>
    public Action<string> Deleting { get; set; } = _ => { };

    /// <summary>Answers a sample request. The argument is the deployment that the request names; null if it names none.</summary>
    public Func<string?, ScoringResult> Score { get; set; } = _ => new(200, "[0.5]", false, TimeSpan.FromMilliseconds(10), null);

    /// <summary>The deployments that were asked to score, in order.</summary>
    public List<string?> Scored { get; } = [];

    /// <summary>Returns the metric series for a metric name and a deployment: one series for each status code, or only one series.</summary>
    public Func<string, string, IReadOnlyList<(string Status, double[] Values)>> Metrics { get; set; } = (_, _) => [];

    public AzureException? MetricsRefusal { get; set; }

    /// <summary>The queue of the endpoint.</summary>
    public EndpointQueue Queue { get; set; } = EndpointQueue.Empty;

    public List<FollowUp> FollowUps { get; } = [];

    public Exception? Refusal { get; set; }

    public AzureException? CreationRefusal { get; set; }

    public AzureException? DeletionRefusal { get; set; }

    public AzureException? LogRefusal { get; set; }

    /// <summary>The autoscale settings by deployment.</summary>
    public Dictionary<string, AutoscaleSpec> Autoscale { get; } = [];

    public AzureException? AutoscaleRefusal { get; set; }

    /// <summary>Why autoscale settings cannot be read; null if they can.</summary>
    public AzureException? AutoscaleReadRefusal { get; set; }

    /// <summary>How many calls about autoscale settings were made.</summary>
    public int AutoscaleCalls { get; private set; }

    /// <summary>Returns the log of a container; null for a short default log.</summary>
    public Func<string, string>? Log { get; set; }

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

    /// <summary>Adds a deployment that a rule created on a day of November 2026.</summary>
    public void HasDeploymentOf(string name, string rule, int day, string state = "Succeeded") => Deployments.Add(new OnlineDeployment(
        name, state, null, new Dictionary<string, string> { [Correlation.RuleTag] = rule }, CreatedAt($"2026-11-{day:00}T00:00:00Z"), null));

    Task<bool> IResourceLock.TryTakeAsync(string name, string action, TimeSpan maxDuration, CancellationToken cancellationToken) => Task.FromResult((LockHolder ??= action) == action);

    Task IResourceLock.ReleaseAsync(string name, string action, CancellationToken cancellationToken)
    {
        LockHolder = LockHolder == action ? null : LockHolder;
        return Task.CompletedTask;
    }

    Task<ModelVersion?> IModelVersions.GetAsync(ResourceIdentifier container, string name, string version, CancellationToken cancellationToken)
    {
        ModelContainers.Add(container);
        return Answer(Models.TryGetValue(version, out var other) ? other : Model);
    }

    Task<string?> IModelVersions.FindLatestAsync(ResourceIdentifier container, string name, CancellationToken cancellationToken) => Answer(Latest);

    Task<IReadOnlyList<MachineSize>> IMachineQuotas.ListSizesAsync(ResourceIdentifier workspace, string location, CancellationToken cancellationToken) =>
        QuotaRefusal is { } refusal ? Task.FromException<IReadOnlyList<MachineSize>>(refusal) : Task.FromResult<IReadOnlyList<MachineSize>>(Sizes);

    Task<CoreUsage?> IMachineQuotas.FindUsageAsync(ResourceIdentifier workspace, string location, string family, CancellationToken cancellationToken) => Answer(Usage);

    Task<IReadOnlyDictionary<string, double>?> IRunMetrics.ReadAsync(ResourceIdentifier workspace, string run, CancellationToken cancellationToken) => Answer(LoggedMetrics(run));

    Task<Job?> IJobs.GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => Answer(Jobs.GetValueOrDefault(name));

    Task<Job> IJobs.GetOrCreateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IJobs.CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Job>> IJobs.ListAsync(ResourceIdentifier workspace, DateTimeOffset createdSince, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<bool> IJobs.AddTagsAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<ModelVersion>> IModelVersions.ListAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<OnlineEndpoint?> IOnlineEndpoints.GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken) => Answer(Endpoint);

    Task IOnlineEndpoints.BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string name, OnlineEndpointSpec spec, CancellationToken cancellationToken) => Answer(RequestedEndpoint = spec);

    Task IOnlineEndpoints.BeginSetTrafficAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, CancellationToken cancellationToken) =>
        SetTraffic(traffic, Endpoint?.MirrorTraffic);

    Task IOnlineEndpoints.BeginSetTrafficAsync(
        ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, IReadOnlyDictionary<string, int> mirror, CancellationToken cancellationToken) => SetTraffic(traffic, mirror);

    Task<OnlineDeployment?> IOnlineDeployments.GetAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken) =>
        Answer(Deployments.Find(deployment => deployment.Name == name));

    Task<IReadOnlyList<OnlineDeployment>> IOnlineDeployments.ListAsync(ResourceIdentifier workspace, string endpoint, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<OnlineDeployment>>(Deployments);

    Task IOnlineDeployments.BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string endpoint, string name, OnlineDeploymentSpec spec, CancellationToken cancellationToken) =>
        Create(name, spec);

    Task IOnlineDeployments.DeleteAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken)
    {
        if (DeletionRefusal is { } refusal)
        {
            return Task.FromException(refusal);
        }

        Deleting(name);
        Deleted.Add(name);
        Deployments.RemoveAll(deployment => deployment.Name == name);
        return Task.CompletedTask;
    }

    Task<ScoringResult> IScoring.ScoreAsync(ResourceIdentifier workspace, string endpoint, ScoringRequest request, CancellationToken cancellationToken)
    {
        Scored.Add(request.Deployment);
        return Answer(Score(request.Deployment));
    }

    Task<IReadOnlyList<MetricSeries>> IEndpointMetrics.ReadAsync(ResourceIdentifier workspace, string endpoint, string? deployment, MetricsQuery query, CancellationToken cancellationToken)
    {
        var series = Metrics(query.Metrics[0], deployment ?? query.Dimensions["deployment"]).Select(one => new MetricSeries(
            query.Metrics[0], "", new Dictionary<string, string> { ["statuscode"] = one.Status }, [.. one.Values.Select((value, minute) => new MetricPoint(query.From.AddMinutes(minute), value, null, null, null, null))]));
        return MetricsRefusal is null ? Answer<IReadOnlyList<MetricSeries>>([.. series]) : Task.FromException<IReadOnlyList<MetricSeries>>(MetricsRefusal);
    }

    Task<AutoscaleSetting?> IAutoscaleSettings.FindAsync(ResourceIdentifier workspace, string endpoint, string deployment, CancellationToken cancellationToken)
    {
        AutoscaleCalls++;
        return AutoscaleReadRefusal is { } refusal
            ? Task.FromException<AutoscaleSetting?>(refusal)
            : Answer(Autoscale.TryGetValue(deployment, out var spec) ? new AutoscaleSetting(deployment, spec.Tags ?? new Dictionary<string, string>()) : null);
    }

    Task IAutoscaleSettings.SetAsync(ResourceIdentifier workspace, string endpoint, string deployment, AutoscaleSpec spec, CancellationToken cancellationToken)
    {
        AutoscaleCalls++;
        if (AutoscaleRefusal is { } refusal)
        {
            return Task.FromException(refusal);
        }

        Autoscale[deployment] = spec;
        return Task.CompletedTask;
    }

    Task IAutoscaleSettings.DeleteAsync(ResourceIdentifier workspace, string endpoint, string deployment, CancellationToken cancellationToken)
    {
        AutoscaleCalls++;
        Autoscale.Remove(deployment);
        return Task.CompletedTask;
    }

    Task<QueuePosition> IEndpointQueues.EnterAsync(RolloutPlan plan, string action, TimeSpan lease, CancellationToken cancellationToken)
    {
        Queue = Queue.Enter(new QueuedRollout(action, plan.SupersedingModel, plan.Version, TestData.Now, DateTimeOffset.MaxValue) { IsRollback = plan.Purpose == RolloutPurpose.Rollback }, TestData.Now);
        return Task.FromResult(Queue.PositionOf(action));
    }

    Task IEndpointQueues.LeaveAsync(RolloutPlan plan, string action, CancellationToken cancellationToken)
    {
        Queue = Queue.Leave(action);
        return Task.CompletedTask;
    }

    Task<bool> IFollowUps.EnsureAsync(ActionRecord cause, FollowUp followUp, CancellationToken cancellationToken)
    {
        FollowUps.Add(followUp);
        return Task.FromResult(true);
    }

    Task<string> IOnlineDeployments.GetLogsAsync(ResourceIdentifier workspace, string endpoint, string name, string container, int tail, CancellationToken cancellationToken) =>
        LogRefusal is null ? Task.FromResult(Log?.Invoke(container) ?? $"{container} said {tail}\n") : Task.FromException<string>(LogRefusal);

    private Task<T> Answer<T>(T answer) => Refusal is null ? Task.FromResult(answer) : Task.FromException<T>(Refusal);

    private static JsonObject CreatedAt(string time) => new() { ["systemData"] = new JsonObject { ["createdAt"] = time } };

    private Task<int> Create(string name, OnlineDeploymentSpec spec)
    {
        RequestedDeployment = spec;
        if (TakesEffect)
        {
            Deployments.Add(new OnlineDeployment(name, "Succeeded", spec.ModelId, spec.Tags ?? new Dictionary<string, string>(), CreatedAt("2026-12-01T00:00:00Z"), null));
        }

        return CreationRefusal is null ? Answer(0) : Task.FromException<int>(CreationRefusal);
    }

    private Task<int> SetTraffic(IReadOnlyDictionary<string, int> traffic, IReadOnlyDictionary<string, int>? mirror)
    {
        if (Refusal is not null)
        {
            return Answer(0);
        }

        TrafficUpdates++;
        (RequestedTraffic, RequestedMirror) = (traffic, mirror);
        if (TakesEffect && Endpoint is not null)
        {
            var isDone = StateAfterUpdate == "Succeeded";
            Endpoint = Endpoint with { ProvisioningState = StateAfterUpdate, Traffic = isDone ? traffic : Endpoint.Traffic, MirrorTraffic = (isDone ? mirror : null) ?? Endpoint.MirrorTraffic };
        }

        return Answer(0);
    }
}
