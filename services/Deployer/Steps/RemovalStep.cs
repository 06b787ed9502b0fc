using MLEvents.AzureML.Endpoints;
using MLEvents.Deployer.Traffic;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Steps;

/// <summary>Deletes the deployment of a roll-out that failed or was superseded, and ends the action.</summary>
internal sealed class RemovalStep(EndpointTraffic traffic, IOnlineDeployments deployments, AutoscaleStep autoscale, RolloutEnding ending)
{
    public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
    {
        if (await traffic.FindAsync(plan, cancellationToken) is not { } endpoint
            || await deployments.GetAsync(plan.Workspace, plan.Endpoint, plan.Deployment, cancellationToken) is not { } deployment)
        {
            return End(record, $"deployment {plan.Deployment} is deleted");
        }

        if (endpoint.Traffic.GetValueOrDefault(plan.Deployment) > 0 || EndpointTraffic.MirrorOf(endpoint, plan.Deployment) > 0)
        {
            return End(record, $"deployment {plan.Deployment} has traffic and stays");
        }

        if (ProvisioningState.IsTerminal(deployment.ProvisioningState) && ProvisioningState.IsTerminal(endpoint.ProvisioningState))
        {
            if (await autoscale.RemoveAsync(record, plan, deployment, cancellationToken) is { } kept)
            {
                return new Continue(record.Stage, TimeSpan.Zero) { State = kept };
            }

            await deployments.DeleteAsync(plan.Workspace, plan.Endpoint, plan.Deployment, cancellationToken);
        }

        return ending.Wait(record, $"deployment {plan.Deployment} is being deleted: {record.Reason()}");
    }

    /// <summary>Ends the action. The detail contains the reason, the state of the deployment, and an autoscale setting that stays.</summary>
    public static StepResult End(ActionRecord record, string deploymentState)
    {
        var detail = $"{record.Reason()}\n{deploymentState}{AutoscaleStep.DescribeKept(record)}";
        return record.IsSuperseded() ? new Skipped { Detail = detail } : new Failed { Detail = detail };
    }
}
