using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using MLEvents.Events;
using MLEvents.Rules.Deployments;
using MLEvents.Rules.Jobs;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>The model that a deployment rule rolls out for an event, and its target.</summary>
/// <param name="Workspace">The workspace of the endpoint. The model is in the same workspace, unless the rule names a registry.</param>
/// <param name="Model">The model version.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Tags">The tags of the deployment, from the rule and its deployment file.</param>
public sealed partial record RolloutTarget(Workspace Workspace, RegisteredModel Model, string Endpoint, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>The Azure region of a new endpoint.</summary>
    public required string Location { get; init; }

    /// <summary>The instance type; null for the cluster's default, on Kubernetes only.</summary>
    public string? InstanceType { get; init; }

    /// <summary>The number of instances.</summary>
    public required int InstanceCount { get; init; }

    /// <summary>
    /// The id of the environment version that the rule names; null if the rule names none. The environment of a deployment file is in <see cref="Properties"/>.
    /// </summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The ARM id of the Kubernetes cluster of a new endpoint; null for a managed endpoint.</summary>
    public string? ComputeId { get; init; }

    /// <summary>The properties of the deployment from its file, in the form of the REST API; null if there is no file.</summary>
    public JsonObject? Properties { get; init; }

    /// <summary>The rule for names of regions, for error messages.</summary>
    internal const string LocationRule = "must be the name of an Azure region, such as westeurope: 1 to 64 letters, digits and spaces";

    /// <summary>The rule for numbers of machines, for error messages.</summary>
    internal const string InstanceCountRule = "must be a whole number from 1 to 100";

    /// <summary>The rule for endpoint names, for error messages.</summary>
    internal const string EndpointNameRule = "must be 3 to 32 letters, digits and hyphens, begin with a letter and end with a letter or digit; the filter 'resource_name: 32' makes such a name";

    private const int MaxLocation = 64;

    /// <summary>Creates the target of a rule for an event.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static Planned<RolloutTarget> Create(DeploymentRule rule, WorkflowEvent workflowEvent, Uri? studio = null)
    {
        if (WorkspaceOf(rule.Deploy, workflowEvent) is not { } workspace)
        {
            return new(null, $"'{ActionEvent.OriginOf(workflowEvent).Source}', the event's source, is not the ARM id of a workspace; set 'deploy.workspace' in the rule.");
        }

        var (model, fault) = ModelOf(rule.Deploy, workflowEvent, studio);
        if (model is null)
        {
            return new(null, fault);
        }

        var planned = Planned<RolloutTarget>.Try(() => Render(rule.Deploy, workspace, model, TemplateModel.ForModel(
            workflowEvent, model.Name, model.Version, $"{rule.Registry ?? workspace.ArmId}/models/{model.Name}/versions/{model.Version}", studio)));
        return planned.Plan is { } target && !IsEndpointName(target.Endpoint)
            ? new(null, $"endpoint: '{target.Endpoint}' {EndpointNameRule}.")
            : planned;
    }

    /// <summary>Whether a string can be the name of an Azure region, such as <c>westeurope</c> or <c>West Europe</c>: 1 to 64 letters, digits and spaces.</summary>
    public static bool IsLocation(string name) =>
        !string.IsNullOrWhiteSpace(name) && name.Length <= MaxLocation && name.All(character => char.IsAsciiLetterOrDigit(character) || character == ' ');

    /// <summary>Whether an endpoint can have this name.</summary>
    public static bool IsEndpointName(string name) => EndpointName().IsMatch(name);

    /// <summary>Reads a number of instances; null if the text is not valid.</summary>
    internal static int? ParseInstanceCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= ModelRollout.MaxInstances ? count : null;

    // If the event reports a change of an action, the source of the event that caused the action is used.
    private static Workspace? WorkspaceOf(ModelRollout deploy, WorkflowEvent workflowEvent) =>
        deploy.Workspace ?? (Workspace.TryParse(ActionEvent.OriginOf(workflowEvent).Source, out var workspace) ? workspace : null);

    // The model that an operator's request names takes precedence over the rule's model.
    private static Planned<RegisteredModel> ModelOf(ModelRollout deploy, WorkflowEvent workflowEvent, Uri? studio)
    {
        if (deploy.Model is { } template && workflowEvent.Type != EventTypes.RolloutRequested)
        {
            return Planned<RegisteredModel>.Try(() => TemplateModel.For(workflowEvent, studio).Rendered("model", template) is var text && RegisteredModel.Parse(text) is { } model
                ? model
                : throw new TemplateException($"model: '{text}' {RegisteredModel.ReferenceRule}."));
        }

        return RegisteredModel.From(workflowEvent) is { } named
            ? new(named, null)
            : new(null, workflowEvent.Type == EventTypes.RolloutRequested
                ? "The request names no model version; set 'modelName' and 'modelVersion' in its data."
                : $"The event ({workflowEvent.Type}) names no model version; set 'deploy.model' in the rule.");
    }

    private static RolloutTarget Render(ModelRollout deploy, Workspace workspace, RegisteredModel model, TemplateModel variables)
    {
        var properties = deploy.Definition?.Properties.DeepClone().AsObject();
        WorkspaceReference.ResolveAll(properties, workspace.ArmId);
        var tags = new Dictionary<string, string>(deploy.Definition?.Tags ?? new Dictionary<string, string>());
        foreach (var (name, value) in variables.Rendered("tag", deploy.Tags))
        {
            tags[name] = value;
        }

        return new(workspace, model, variables.Rendered("endpoint", deploy.Endpoint), tags)
        {
            Location = variables.Rendered("location", deploy.Location),
            InstanceType = deploy.InstanceType is { } type ? variables.Rendered("instanceType", type) : InstanceTypeOf(deploy.Definition),
            InstanceCount = deploy.InstanceCount is { } count ? Count(variables.Rendered("instanceCount", count), deploy.Autoscale) : deploy.Definition?.InstanceCount ?? deploy.Autoscale?.Default ?? 1,
            EnvironmentId = deploy.EnvironmentId is { } environment ? EnvironmentOf(variables.Rendered("environmentId", environment), workspace) : null,
            ComputeId = deploy.Compute is { } compute ? WorkspaceReference.Resolve(compute, workspace.ArmId) : null,
            Properties = properties,
        };
    }

    private static string? InstanceTypeOf(DeploymentDefinition? definition) =>
        definition?.InstanceType ?? (definition is { IsKubernetes: true } ? null : ModelRollout.DefaultInstanceType);

    private static int Count(string text, Autoscale? autoscale)
    {
        var count = ParseInstanceCount(text) ?? throw new TemplateException($"instanceCount: '{text}' {InstanceCountRule}.");
        return autoscale is { } bounds && (count < bounds.Min || count > bounds.Max)
            ? throw new TemplateException($"instanceCount: '{text}' is outside the range {bounds.Min} to {bounds.Max} of 'autoscale'.")
            : count;
    }

    private static string EnvironmentOf(string text, Workspace workspace) => AssetReference.Environment(text, out var error) is { } id
        ? WorkspaceReference.Resolve(id, workspace.ArmId)
        : throw new TemplateException($"environmentId: {error}");

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex EndpointName();
}
