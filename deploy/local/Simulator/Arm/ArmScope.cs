using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>The resource ids of the simulated subscription.</summary>
internal sealed class ArmScope(IOptions<SimulatorOptions> options)
{
    private readonly SimulatorOptions _options = options.Value;

    /// <summary>The subscription's id (a GUID as text).</summary>
    public string Subscription => _options.SubscriptionId;

    /// <summary>The resource group's name.</summary>
    public string ResourceGroup => _options.ResourceGroup;

    /// <summary>The region of all resources.</summary>
    public string Region => _options.Region;

    /// <summary>The ARM id of the first workspace, which is also the topic of its events.</summary>
    public string Workspace => WorkspaceId(_options.Workspace);

    /// <summary>The ARM ids of all workspaces, <see cref="Workspace"/> first.</summary>
    public IReadOnlyList<string> Workspaces =>
        [Workspace, .. _options.FurtherWorkspaces.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(WorkspaceId)];

    /// <summary>The ARM id of the data factory.</summary>
    public string Factory => $"{Group}/providers/Microsoft.DataFactory/factories/{_options.Factory}";

    /// <summary>The ARM id of a registry of the resource group.</summary>
    public string Registry(string name) => $"{Group}/providers/Microsoft.MachineLearningServices/registries/{name}";

    /// <summary>The ARM id of the collection of autoscale settings.</summary>
    public string AutoscaleSettings => $"{Group}/providers/Microsoft.Insights/autoscaleSettings";

    /// <summary>Finds the ARM id of a workspace by its name, ignoring case. Returns <see cref="Workspace"/> if the name is empty or unknown.</summary>
    public string FindWorkspace(string name) => name.Length == 0 ? Workspace : Workspaces.FirstOrDefault(id => id.Equals(WorkspaceId(name), StringComparison.OrdinalIgnoreCase)) ?? Workspace;

    /// <summary>Finds the id of an online endpoint by its name, which is unique among all workspaces of the region. Returns null if no endpoint has the name.</summary>
    public string? FindEndpoint(ResourceStore store, string name) => Workspaces.Select(workspace => $"{workspace}/onlineEndpoints/{name}").FirstOrDefault(store.Has);

    private string WorkspaceId(string name) => $"{Group}/providers/Microsoft.MachineLearningServices/workspaces/{name}";

    private string Group => $"/subscriptions/{Subscription}/resourceGroups/{ResourceGroup}";

    /// <summary>The studio page of a run, in the form that Azure ML returns.</summary>
    /// <param name="workspace">The ARM id of the run's workspace.</param>
    /// <param name="run">The run's id.</param>
    public string StudioPage(string workspace, string run) =>
        $"https://ml.azure.com/runs/{run}?wsid=/subscriptions/{Subscription}/resourcegroups/{ResourceGroup}/workspaces/{workspace[(workspace.LastIndexOf('/') + 1)..]}";
}
