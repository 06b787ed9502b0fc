using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Deployer;

/// <summary>Works out what a rule asks for because of an event.</summary>
internal sealed class RolloutPlanner(IOptions<AzureMLOptions> azure)
{
    /// <summary>The request with its plan, or with the reason why there is none.</summary>
    public ActionRequest Plan(DeploymentRule rule, string ruleVersion, WorkflowEvent workflowEvent)
    {
        if (!Workspace.TryParse(workflowEvent.Source, out var workspace))
        {
            return Fault($"'{workflowEvent.Source}', the event's source, is no workspace.");
        }

        if (RegisteredModel.Of(workflowEvent) is not { } model)
        {
            return Fault($"{workflowEvent.Type} names no model version; a deployment rule needs one, as ModelRegistered has.");
        }

        try
        {
            var plan = PlanOf(rule, workflowEvent, workspace, model);
            return Names.IsEndpoint(plan.Endpoint)
                ? new ActionRequest(rule.Name, ruleVersion, plan.ToJson())
                : Fault($"endpoint: '{plan.Endpoint}' must be 3 to 32 letters, digits and hyphens, begin with a letter and end with a letter or digit.");
        }
        catch (TemplateException exception)
        {
            return Fault(exception.Message);
        }

        ActionRequest Fault(string why) => new(rule.Name, ruleVersion, default(JsonElement), why);
    }

    private RolloutPlan PlanOf(DeploymentRule rule, WorkflowEvent workflowEvent, Workspace workspace, RegisteredModel model)
    {
        var deploy = rule.Deploy;
        var variables = Variables(workflowEvent, workspace, model);
        return new RolloutPlan
        {
            WorkspaceId = workspace.ArmId,
            Model = model.Name,
            Version = model.Version,
            Endpoint = Rendered("endpoint", deploy.Endpoint, variables),
            Deployment = Names.Deployment(model.Version, ActionRecord.IdOf(DeployerService.Name, rule.Name, workflowEvent)),
            Location = deploy.Location,
            InstanceType = deploy.InstanceType,
            InstanceCount = deploy.InstanceCount,
            AuthMode = deploy.AuthMode.ToString(),
            Traffic = deploy.Traffic,
            EnvironmentId = deploy.EnvironmentId,
            CodeId = deploy.CodeConfiguration?.CodeId,
            ScoringScript = deploy.CodeConfiguration?.ScoringScript,
            Tags = deploy.Tags.ToDictionary(tag => tag.Key, tag => Rendered($"tag '{tag.Key}'", tag.Value, variables)),
        };
    }

    private TemplateModel Variables(WorkflowEvent workflowEvent, Workspace workspace, RegisteredModel model) => TemplateModel.ForModel(
        workflowEvent, model.Name, model.Version, $"{workspace.ArmId}/models/{model.Name}/versions/{model.Version}", azure.Value.StudioBase.ToString());

    private static string Rendered(string what, Template template, TemplateModel variables)
    {
        try
        {
            return template.Render(variables);
        }
        catch (TemplateException exception)
        {
            throw new TemplateException($"{what}: {exception.Message}", exception);
        }
    }
}
