using System.Buffers;
using System.Text.RegularExpressions;
using Azure.Core;

namespace MLEvents.AzureML;

/// <summary>Ids of resources, checked so that a name from an event can't reach another resource than the one meant.</summary>
internal static partial class ArmIds
{
    public static readonly ResourceType Workspace = "Microsoft.MachineLearningServices/workspaces";
    public static readonly ResourceType ModelVersion = "Microsoft.MachineLearningServices/workspaces/models/versions";
    public static readonly ResourceType OnlineEndpoint = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints";
    public static readonly ResourceType OnlineDeployment = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments";
    public static readonly ResourceType DataFactory = "Microsoft.DataFactory/factories";
    public static readonly ResourceType DataFactoryPipeline = "Microsoft.DataFactory/factories/pipelines";

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/\\?#%&:*<>\"");

    public static ResourceIdentifier Job(ResourceIdentifier workspace, string name) =>
        JobName().IsMatch(name)
            ? Child(Checked(workspace, Workspace), "jobs", name)
            : throw new ArgumentException($"'{name}' can't be a job's name: 1-255 letters, digits, hyphens and underscores, the first a letter or digit.", nameof(name));

    public static ResourceIdentifier Model(ResourceIdentifier workspace, string name) => Child(Checked(workspace, Workspace), "models", name);

    public static ResourceIdentifier Version(ResourceIdentifier workspace, string name, string version) => Child(Model(workspace, name), "versions", version);

    public static ResourceIdentifier Endpoint(ResourceIdentifier workspace, string name) => Child(Checked(workspace, Workspace), "onlineEndpoints", name);

    public static ResourceIdentifier Deployment(ResourceIdentifier workspace, string endpoint, string name) => Child(Endpoint(workspace, endpoint), "deployments", name);

    public static ResourceIdentifier Pipeline(ResourceIdentifier pipeline) => Checked(pipeline, DataFactoryPipeline);

    /// <summary>The factory of an id that is a factory's or a pipeline's.</summary>
    public static ResourceIdentifier Factory(ResourceIdentifier id) =>
        id is { ResourceType: var type, Parent: { } parent } && type == DataFactoryPipeline ? parent : Checked(id, DataFactory);

    public static ResourceIdentifier PipelineRun(ResourceIdentifier factory, string runId) => Child(Factory(factory), "pipelineruns", runId);

    private static ResourceIdentifier Child(ResourceIdentifier parent, string type, string name) =>
        name.Length is > 0 and <= 255 && name is not ("." or "..") && !name.AsSpan().ContainsAny(Forbidden) && !name.Any(char.IsControl)
            ? parent.AppendChildResource(type, name)
            : throw new ArgumentException($"'{name}' can't be the name of a resource below {type}.", nameof(name));

    private static ResourceIdentifier Checked(ResourceIdentifier id, ResourceType type) =>
        id.ResourceType == type ? id : throw new ArgumentException($"'{id}' is not the ARM id of a {type}.", nameof(id));

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex JobName();
}
