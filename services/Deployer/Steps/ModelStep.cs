using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Models;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.ServiceDefaults;

namespace MLEvents.Deployer.Steps;

/// <summary>
/// The first step: checks whether the model can be deployed and meets the rule's conditions, whether no newer version is in service, and whether the endpoint
/// and the quota have room for the deployment.
/// </summary>
internal sealed class ModelStep(IModelVersions models, IOnlineEndpoints endpoints, NewerVersionCheck newer, ModelGateCheck gate, IOnlineDeployments deployments, MachineQuotaCheck machines, IOptions<StudioOptions> studio)
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await models.GetAsync(plan.ModelContainer, plan.Model, plan.Version, cancellationToken) is not { } model)
        {
            return new Failed { Detail = DescribeMissing(plan) };
        }

        if (model.IsArchived)
        {
            return new Skipped { Detail = $"model {plan.Model}:{plan.Version} is archived" };
        }

        if (!model.IsMLflow && !model.IsTriton && !plan.HasEnvironment)
        {
            return new Failed { Detail = $"model {plan.Model}:{plan.Version} is of type {model.ModelType ?? "unknown"}; only MLflow and Triton models can be deployed without an environment. Add environmentId to the rule's deploy, and codeConfiguration if the environment contains no scoring server" };
        }

        var endpoint = await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken);
        if (endpoint is not null && !record.IsForced && await newer.FindObstacleAsync(plan, endpoint, cancellationToken) is { } obstacle)
        {
            return new Skipped { Detail = obstacle };
        }

        if (!record.IsForced && await gate.CheckAsync(plan, model, endpoint, cancellationToken) is { } end)
        {
            return end;
        }

        if (await CheckRoomAsync(plan, endpoint, cancellationToken) is { } full)
        {
            return full;
        }

        return new Continue(endpoint is null || ProvisioningState.IsFailed(endpoint.ProvisioningState) ? Stages.EndpointCreating : Stages.DeploymentCreating, TimeSpan.Zero)
        {
            Links = Links(plan),
            State = new Dictionary<string, string> { [DeploymentStep.ModelIdKey] = model.AssetId },
        };
    }

    /// <summary>The reason why the model must no longer take over the endpoint's traffic; null if there is no such reason.</summary>
    public async Task<string?> FindObstacleAsync(RolloutPlan plan, CancellationToken cancellationToken) =>
        await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is { } endpoint ? await newer.FindObstacleAsync(plan, endpoint, cancellationToken) : null;

    // If an interrupted step created the deployment, that deployment already counts towards the endpoint's limit and the quota.
    private async Task<StepResult?> CheckRoomAsync(RolloutPlan plan, OnlineEndpoint? endpoint, CancellationToken cancellationToken)
    {
        var all = endpoint is null ? [] : await deployments.ListAsync(plan.Workspace, plan.Endpoint, cancellationToken);
        return all.Any(deployment => deployment.Name == plan.Deployment) ? null : EndpointCapacity.FindFault(plan, all) ?? await machines.CheckAsync(plan, endpoint, cancellationToken);
    }

    private static string DescribeMissing(RolloutPlan plan) => plan.RegistryId is null
        ? $"model {plan.Model}:{plan.Version} is not in workspace {plan.Workspace.Name}; it may have been deleted. To deploy a model of another workspace, share it to a registry (az ml model share) and set the rule's model.registry"
        : $"model {plan.Model}:{plan.Version} is not in registry {plan.ModelContainer.Name}. Share it (az ml model share --name {plan.Model} --version {plan.Version} --registry-name {plan.ModelContainer.Name} …), and start the roll-out: mlevents deployments start";

    private Dictionary<string, Uri> Links(RolloutPlan plan)
    {
        var workspace = Workspace.Parse(plan.WorkspaceId);
        var links = new Dictionary<string, Uri> { ["endpoint"] = StudioLinks.OnlineEndpoint(studio.Value.StudioBase, workspace, plan.Endpoint) };
        if (plan.RegistryId is null)
        {
            links["model"] = StudioLinks.Model(studio.Value.StudioBase, workspace, plan.Model, plan.Version);
        }

        return links;
    }
}
