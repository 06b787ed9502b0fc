using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureSteps;
using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Creates the deployment without traffic, and waits until it is ready.</summary>
internal sealed class DeploymentStep(IOnlineEndpoints endpoints, IOnlineDeployments deployments, ContainerLogs logs, RolloutEnding ending, IOptions<DeployerOptions> options)
{
    /// <summary>
    /// The key in the record's state under which the model's asset id is stored. The asset id is an ARM id, or a URI if the model is in a registry.
    /// </summary>
    public const string ModelIdKey = "modelId";

    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await deployments.GetAsync(plan.Workspace, plan.Endpoint, plan.Deployment, cancellationToken) is not { } deployment)
        {
            return await BeginAsync(record, plan, cancellationToken);
        }

        if (!ProvisioningState.IsTerminal(deployment.ProvisioningState))
        {
            return Wait($"deployment {plan.Deployment} is {deployment.ProvisioningState}");
        }

        if (ProvisioningState.IsFailed(deployment.ProvisioningState))
        {
            return await FailAsync(plan, deployment, cancellationToken);
        }

        var detail = $"deployment {plan.Deployment} is ready";
        return plan.Autoscale is null ? Ready(plan, detail) : new Continue(Stages.Autoscaling, TimeSpan.Zero) { Detail = detail };
    }

    /// <summary>Continues after the deployment is ready and its autoscale setting, if the rule has one, is written.</summary>
    public static StepResult Ready(RolloutPlan plan, string detail)
    {
        if (plan.Strategy is not null)
        {
            return new Continue(Stages.Verifying, TimeSpan.Zero) { Detail = detail, State = RolloutState.Check(0) };
        }

        return plan.Traffic == 0
            ? new Succeeded { Detail = $"{plan.Model}:{plan.Version} is deployed as {plan.Deployment} on {plan.Endpoint}, without traffic as the rule specifies" }
            : new Continue(Stages.TrafficMoving, TimeSpan.Zero) { Detail = detail };
    }

    private async Task<StepResult> BeginAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await endpoints.GetAsync(plan.Workspace, plan.Endpoint, cancellationToken) is not { } endpoint)
        {
            return new Continue(Stages.EndpointCreating, TimeSpan.Zero) { Detail = $"endpoint {plan.Endpoint} no longer exists; it is being created again" };
        }

        // Azure refuses a deployment while its endpoint changes, for instance during another roll-out.
        if (!ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            return Wait($"endpoint {plan.Endpoint} is {endpoint.ProvisioningState}");
        }

        try
        {
            await deployments.BeginCreateOrUpdateAsync(plan.Workspace, plan.Endpoint, plan.Deployment, SpecOf(record, plan, endpoint), cancellationToken);
        }
        catch (AzureException exception) when (!AzureStep.IsRetried(exception) && EndpointCapacity.FindFix(exception, plan, LocationOf(plan, endpoint)) is { } fix)
        {
            return new Failed { Detail = $"deployment {plan.Deployment} could not be created; the traffic is unchanged: {exception.ToText()}. {fix}" };
        }

        return Wait($"deployment {plan.Deployment} of {plan.Model}:{plan.Version} is being created");
    }

    // A deployment must be in the region of its endpoint, which may differ from the region in the rule.
    private static string LocationOf(RolloutPlan plan, OnlineEndpoint endpoint) => endpoint.Location.Length > 0 ? endpoint.Location : plan.Location;

    private static OnlineDeploymentSpec SpecOf(ActionRecord record, RolloutPlan plan, OnlineEndpoint endpoint) => new(
        record.State[ModelIdKey],
        plan.InstanceType,
        plan.InstanceCount,
        LocationOf(plan, endpoint),
        plan.EnvironmentId,
        plan is { CodeId: { } code, ScoringScript: { } script } ? new CodeConfiguration(code, script) : null,
        Tags(record, plan),
        plan.Properties);

    // The action's own tags take precedence, because events identify the action by them.
    private static Dictionary<string, string> Tags(ActionRecord record, RolloutPlan plan)
    {
        var tags = new Dictionary<string, string>(plan.Tags);
        foreach (var (name, value) in record.ToTags())
        {
            tags[name] = value;
        }

        if (plan.Autoscale is not null)
        {
            tags[Correlation.AutoscaleTag] = "true";
        }

        return tags;
    }

    private async Task<StepResult> FailAsync(RolloutPlan plan, OnlineDeployment deployment, CancellationToken cancellationToken)
    {
        var reason = deployment.Error?.ToString() ?? $"its state is {deployment.ProvisioningState}";
        var detail = $"deployment {plan.Deployment} could not be created; the traffic is unchanged: {reason}{await logs.ReadAllAsync(plan, cancellationToken)}";
        return plan.Strategy is null ? new Failed { Detail = detail } : ending.FailBeforeTraffic(plan, detail);
    }

    private Continue Wait(string detail) => new(Stages.DeploymentCreating, options.Value.PollInterval) { Detail = detail };
}
