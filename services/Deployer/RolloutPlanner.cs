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
        var deduplicationKey = rule.DeduplicationKeyOf(workflowEvent);
        var target = RolloutTarget.Of(rule, workflowEvent, azure.Value.StudioBase.ToString());
        var request = target.Plan is { } plan
            ? new ActionRequest(rule.Name, ruleVersion, PlanOf(rule.Deploy, plan, ActionRecord.IdOf(DeployerService.Name, rule.Name, workflowEvent, deduplicationKey)).ToJson())
            : new ActionRequest(rule.Name, ruleVersion, default(JsonElement), target.Fault);
        return request with { DeduplicationKey = deduplicationKey };
    }

    private static RolloutPlan PlanOf(ModelRollout deploy, RolloutTarget target, string actionId) => new()
    {
        WorkspaceId = target.Workspace.ArmId,
        Model = target.Model.Name,
        Version = target.Model.Version,
        Endpoint = target.Endpoint,
        Deployment = Names.Deployment(target.Model.Version, actionId),
        Location = deploy.Location,
        InstanceType = deploy.InstanceType,
        InstanceCount = deploy.InstanceCount,
        AuthMode = deploy.AuthMode.ToString(),
        Traffic = deploy.Traffic,
        EnvironmentId = deploy.EnvironmentId,
        CodeId = deploy.CodeConfiguration?.CodeId,
        ScoringScript = deploy.CodeConfiguration?.ScoringScript,
        Tags = target.Tags,
    };
}
