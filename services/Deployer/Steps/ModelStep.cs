using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>The first step: whether the model can, and should, be deployed as the rule says.</summary>
internal sealed class ModelStep(IModelVersions models, IOnlineEndpoints endpoints, NewerVersion newer, IOptions<AzureMLOptions> azure)
{
    public async Task<StepResult> StepAsync(RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await models.GetAsync(plan.Workspace, plan.Model, plan.Version, cancellationToken) is not { } model)
        {
            return new Failed { Detail = $"model {plan.Model}:{plan.Version} is not in workspace {plan.Workspace.Name}; it may have been deleted" };
        }

        if (model.IsArchived)
        {
            return new Skipped { Detail = $"model {plan.Model}:{plan.Version} is archived" };
        }

        if (!model.IsMLflow && plan.EnvironmentId is null)
        {
            return new Failed { Detail = $"model {plan.Model}:{plan.Version} is of type {model.ModelType ?? "unknown"}; only MLflow models bring their own environment. Add environmentId, and codeConfiguration if the environment does not score by itself, to the rule's deploy" };
        }

        var endpoint = await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken);
        if (endpoint is not null && await newer.ObstacleAsync(plan, endpoint, cancellationToken) is { } obstacle)
        {
            return new Skipped { Detail = obstacle };
        }

        return new Continue(endpoint is null ? Stages.EndpointCreating : Stages.DeploymentCreating, TimeSpan.Zero)
        {
            Links = new Dictionary<string, Uri>
            {
                ["model"] = StudioLinks.Model(plan.Workspace, plan.Model, plan.Version, azure.Value.StudioBase),
                ["endpoint"] = StudioLinks.OnlineEndpoint(plan.Workspace, plan.Endpoint, azure.Value.StudioBase),
            },
            State = new Dictionary<string, string> { [DeploymentStep.ModelIdFact] = model.Id.ToString() },
        };
    }
}
