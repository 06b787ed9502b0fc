using System.Text.RegularExpressions;
using Azure.Core;

namespace MLEvents.AzureML;

/// <summary>Builds the ids of the resources that this library calls, from the id of a workspace, a factory or a pipeline.</summary>
internal static partial class ArmIds
{
    public static readonly ResourceType Workspace = "Microsoft.MachineLearningServices/workspaces";
    public static readonly ResourceType ModelVersion = "Microsoft.MachineLearningServices/workspaces/models/versions";
    public static readonly ResourceType OnlineEndpoint = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints";
    public static readonly ResourceType OnlineDeployment = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments";
    public static readonly ResourceType DataFactory = "Microsoft.DataFactory/factories";
    public static readonly ResourceType DataFactoryPipeline = "Microsoft.DataFactory/factories/pipelines";

    public static ArmId Job(ResourceIdentifier workspace, string name) =>
        JobName().IsMatch(name)
            ? Checked(workspace, Workspace).Child("jobs", name)
            : throw new ArgumentException($"'{name}' is not a valid job name; expected 1 to 255 letters, digits, hyphens and underscores that start with a letter or digit.", nameof(name));

    public static ArmId Model(ResourceIdentifier workspace, string name) => Checked(workspace, Workspace).Child("models", name);

    public static ArmId Version(ResourceIdentifier workspace, string name, string version) => Model(workspace, name).Child("versions", version);

    public static ArmId Endpoint(ResourceIdentifier workspace, string name) => Checked(workspace, Workspace).Child("onlineEndpoints", name);

    public static ArmId Deployment(ResourceIdentifier workspace, string endpoint, string name) => Endpoint(workspace, endpoint).Child("deployments", name);

    public static ArmId Pipeline(ResourceIdentifier pipeline) => Checked(pipeline, DataFactoryPipeline);

    /// <summary>The factory of an id that is a factory's or a pipeline's.</summary>
    public static ArmId Factory(ResourceIdentifier id) =>
        id is { ResourceType: var type, Parent: { } parent } && type == DataFactoryPipeline ? Checked(parent, DataFactory) : Checked(id, DataFactory);

    public static ArmId PipelineRun(ResourceIdentifier factory, string runId) => Factory(factory).Child("pipelineruns", runId);

    private static ArmId Checked(ResourceIdentifier id, ResourceType type) =>
        id.ResourceType == type ? ArmId.Parse(id.ToString()) : throw new ArgumentException($"'{id}' is not the ARM id of a {type}.", nameof(id));

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex JobName();
}
