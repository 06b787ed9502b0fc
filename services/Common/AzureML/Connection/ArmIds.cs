using System.Text.RegularExpressions;

using Azure.Core;

namespace MLEvents.AzureML.Connection;

/// <summary>Creates the ids of the resources that this library calls, from the id of a workspace, a registry, a factory or a pipeline.</summary>
internal static partial class ArmIds
{
    public static readonly ResourceType WorkspaceType = "Microsoft.MachineLearningServices/workspaces";
    public static readonly ResourceType RegistryType = "Microsoft.MachineLearningServices/registries";
    public static readonly ResourceType DataFactoryType = "Microsoft.DataFactory/factories";
    public static readonly ResourceType DataFactoryPipelineType = "Microsoft.DataFactory/factories/pipelines";

    public static ArmId ForWorkspace(ResourceIdentifier workspace) => Checked(workspace, WorkspaceType);

    public static ArmId ForJob(ResourceIdentifier workspace, string name) =>
        JobName().IsMatch(name)
            ? Checked(workspace, WorkspaceType).Child("jobs", name)
            : throw new ArgumentException($"'{name}' is not a valid job name; expected 1 to 255 letters, digits, hyphens and underscores that start with a letter or digit.", nameof(name));

    /// <summary>The id of a model of a workspace or of a registry.</summary>
    public static ArmId ForModel(ResourceIdentifier container, string name) => Checked(container, container.ResourceType == RegistryType ? RegistryType : WorkspaceType).Child("models", name);

    public static ArmId ForVersion(ResourceIdentifier container, string name, string version) => ForModel(container, name).Child("versions", version);

    public static ArmId ForEndpoint(ResourceIdentifier workspace, string name) => Checked(workspace, WorkspaceType).Child("onlineEndpoints", name);

    public static ArmId ForBatchEndpoint(ResourceIdentifier workspace, string name) => Checked(workspace, WorkspaceType).Child("batchEndpoints", name);

    public static ArmId ForDeployment(ResourceIdentifier workspace, string endpoint, string name) => ForEndpoint(workspace, endpoint).Child("deployments", name);

    public static ArmId ForPipeline(ResourceIdentifier pipeline) => Checked(pipeline, DataFactoryPipelineType);

    /// <summary>The id of a factory, from its own id or from the id of one of its pipelines.</summary>
    public static ArmId ForFactory(ResourceIdentifier id) =>
        id is { ResourceType: var type, Parent: { } parent } && type == DataFactoryPipelineType ? Checked(parent, DataFactoryType) : Checked(id, DataFactoryType);

    public static ArmId ForPipelineRun(ResourceIdentifier factory, string runId) => ForFactory(factory).Child("pipelineruns", runId);

    private static ArmId Checked(ResourceIdentifier id, ResourceType type) =>
        id.ResourceType == type ? ArmId.Parse(id.ToString()) : throw new ArgumentException($"'{id}' is not the ARM id of a {type}.", nameof(id));

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex JobName();
}
