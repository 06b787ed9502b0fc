using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;

using MLEvents.Deployer.Traffic;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>The deployer with its sidecar, against a simulator, over the wire.</summary>
/// <param name="rules">The content of the file with the deployment rules.</param>
/// <param name="settings">Further settings of the deployer.</param>
internal sealed class RolloutFixture(string rules, params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private SimulatedAzure? _azure;
    private ServiceFixture? _deployer;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The deployer and its sidecar.</summary>
    public ServiceFixture Deployer => _deployer ??= new("deployer", configure => DeployerService.Create(["--environment=Development"], builder =>
    {
        configure(builder);
        Configure?.Invoke(builder);
    }));

    /// <summary>Changes the deployer before it is built; null for no change.</summary>
    public Action<WebApplicationBuilder>? Configure { get; init; }

    /// <summary>The simulator.</summary>
    public SimulatedAzure Azure => _azure ?? throw new InvalidOperationException("The fixture is not started.");

    /// <summary>The event of a registered version of the model <c>churn</c>.</summary>
    public static WorkflowEvent Registered(string version) =>
        SampleEvents.Create("ModelRegistered", $$"""{ "ModelName": "churn", "ModelVersion": {{version}} }""", $"models/churn:{version}");

    /// <summary>Starts the simulator, the deployer and its sidecar.</summary>
    public async ValueTask StartAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        WriteRules(rules);
        foreach (var (name, value) in _azure.Settings)
        {
            Deployer.Settings[name] = value;
        }

        Deployer.Settings["Deployer:PollInterval"] = "00:00:00.050";
        foreach (var (name, value) in settings)
        {
            Deployer.Settings[name] = value;
        }

        await Deployer.StartAsync(Token);
    }

    /// <summary>Replaces the file of deployment rules in one step, so that the running deployer never reads a half-written file.</summary>
    public void WriteRules(string file)
    {
        var rules = Directory.CreateDirectory(Path.Combine(Deployer.Folder.Path, "rules")).FullName;
        File.Move(Deployer.Folder.Write("next-deployments.yaml", file), Path.Combine(rules, "deployments.yaml"), overwrite: true);
    }

    /// <summary>Registers a version of the model <c>churn</c> and publishes its event.</summary>
    /// <returns>The event.</returns>
    public async Task<WorkflowEvent> RegisterAsync(string version)
    {
        await Azure.RegisterAsync("churn", version, Token);
        var registered = Registered(version);
        await Deployer.PublishAsync(registered, Token);
        return registered;
    }

    /// <summary>Creates a version of the model <c>churn</c> in a registry or a workspace, without an event.</summary>
    /// <param name="container">The ARM id of the registry or the workspace.</param>
    /// <param name="version">The version.</param>
    public async Task AddModelAsync(string container, string version)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Azure.Settings.First(setting => setting.Key == "AzureML:Endpoint").Value ?? "") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", "local");
        var model = new JsonObject { ["properties"] = new JsonObject { ["modelType"] = "mlflow_model", ["modelUri"] = "azureml://m" } };
        using var body = new StringContent(model.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await client.PutAsync(new Uri($"{container}/models/churn/versions/{version}?api-version=2024-04-01", UriKind.Relative), body, Token);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Registers a version of the model <c>churn</c> and waits for the end of its roll-out.</summary>
    public async Task<ActionChanged> RollOutAsync(string version) => await Deployer.EndOfAsync("rollout", await RegisterAsync(version), Token);

    /// <summary>Waits until the roll-out of an event reaches a stage.</summary>
    public Task<ActionChanged> StageAsync(WorkflowEvent registered, string stage) =>
        Deployer.Activity.FirstAsync(action => action.Event.Id == registered.Id && action.Stage == stage, Token);

    /// <summary>The stages of an action in the order of arrival. The empty stage of the acceptance comes first.</summary>
    /// <remarks>The acceptance is published with the first result or before it. The broker can still deliver the first result before the acceptance.</remarks>
    public IEnumerable<string> StagesOf(ActionChanged action) =>
        Deployer.Activity.All.Where(one => one.ActionId == action.ActionId).Select(one => one.Stage).Distinct().OrderBy(stage => stage.Length > 0);

    /// <summary>The names of all deployments.</summary>
    public async Task<IEnumerable<string>> DeploymentsAsync() => [.. (await Azure.ListAsync("deployments", Token)).Select(deployment => $"{deployment["name"]}")];

    /// <summary>The traffic of the only endpoint as JSON, as the simulator stores it.</summary>
    public async Task<string?> StoredTrafficAsync() => Assert.Single(await Azure.ListAsync("endpoints", Token))["properties"]?["traffic"]?.ToJsonString();

    /// <summary>The traffic of the only endpoint, in the form that the detail of an action uses.</summary>
    public async Task<string> TrafficAsync() =>
        TrafficSchedule.Describe((JsonNode.Parse(await StoredTrafficAsync() ?? "{}")?.AsObject() ?? []).ToDictionary(share => share.Key, share => (int?)share.Value ?? 0));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Deployer.DisposeAsync();
        await (_azure?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
