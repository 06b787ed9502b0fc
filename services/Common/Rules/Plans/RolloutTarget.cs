using System.Text.RegularExpressions;

using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Which model a deployment rule rolls out because of an event, and where to.</summary>
/// <param name="Workspace">The workspace of the model.</param>
/// <param name="Model">The model version.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Tags">The rule's tags for the deployment.</param>
public sealed partial record RolloutTarget(Workspace Workspace, RegisteredModel Model, string Endpoint, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>The rule for endpoint names, for error messages.</summary>
    internal const string EndpointNameRule = "must be 3 to 32 letters, digits and hyphens, begin with a letter and end with a letter or digit; the filter 'resource_name: 32' makes such a name";

    /// <summary>What a rule rolls out because of an event.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static Planned<RolloutTarget> Create(DeploymentRule rule, WorkflowEvent workflowEvent, Uri? studio = null)
    {
        if (!Workspace.TryParse(workflowEvent.Source, out var workspace))
        {
            return new(null, $"'{workflowEvent.Source}', the event's source, is not the ARM id of a workspace.");
        }

        if (RegisteredModel.From(workflowEvent) is not { } model)
        {
            return new(null, $"{workflowEvent.Type} names no model version; a deployment rule needs one, as ModelRegistered has.");
        }

        var planned = Planned<RolloutTarget>.Try(() => Render(rule.Deploy, workspace, model, TemplateModel.ForModel(
            workflowEvent, model.Name, model.Version, $"{workspace.ArmId}/models/{model.Name}/versions/{model.Version}", studio)));
        return planned.Plan is { } target && !IsEndpointName(target.Endpoint)
            ? new(null, $"endpoint: '{target.Endpoint}' {EndpointNameRule}.")
            : planned;
    }

    /// <summary>Whether an endpoint can have this name.</summary>
    public static bool IsEndpointName(string name) => EndpointName().IsMatch(name);

    private static RolloutTarget Render(ModelRollout deploy, Workspace workspace, RegisteredModel model, TemplateModel variables) =>
        new(workspace, model, variables.Rendered("endpoint", deploy.Endpoint), variables.Rendered("tag", deploy.Tags));

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex EndpointName();
}
