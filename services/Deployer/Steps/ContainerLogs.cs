using Microsoft.Extensions.Options;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;

namespace MLEvents.Deployer.Steps;

/// <summary>Reads the last log lines of a deployment's containers, as evidence of a failure.</summary>
internal sealed class ContainerLogs(IOnlineDeployments deployments, IOptions<DeployerOptions> options)
{
    /// <summary>The log of the inference server, with a heading; empty if the log is empty.</summary>
    public Task<string> ReadServerAsync(RolloutPlan plan, CancellationToken cancellationToken) => ReadAsync(plan, DeploymentContainer.InferenceServer, cancellationToken);

    /// <summary>The logs of all containers, each with a heading.</summary>
    public async Task<string> ReadAllAsync(RolloutPlan plan, CancellationToken cancellationToken) =>
        await ReadAsync(plan, DeploymentContainer.StorageInitializer, cancellationToken) + await ReadServerAsync(plan, cancellationToken);

    private async Task<string> ReadAsync(RolloutPlan plan, string container, CancellationToken cancellationToken)
    {
        try
        {
            var log = await deployments.GetLogsAsync(plan.Workspace, plan.Endpoint, plan.Deployment, container, options.Value.LogLines, cancellationToken);
            return log.Length == 0 ? "" : $"\n--- {container}\n{log.TrimEnd()}";
        }
        catch (AzureException exception)
        {
            // The caller reports a failure. It must do so even if the log cannot be read.
            return $"\n--- {container}: no log, {exception.ToText()}";
        }
    }
}
