using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Events;

namespace MLEvents.Dashboard.Models;

/// <summary>Asks the deployer where a model is deployed now. The deployer reads this state from Azure.</summary>
internal sealed class LiveDeployments(OperatorApiClient services, LiveDeploymentCache cache)
{
    private const int MaxEndpoints = 10;
    private const int MaxPlans = 5;

    /// <summary>Reads the current state of a model's endpoints.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="events">The events about the model. The events of deployments contain endpoints.</param>
    /// <param name="rollouts">The roll-outs of the model. The plans of the latest roll-outs contain further endpoints.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public async Task<IReadOnlyList<LiveEndpoint>> ReadAsync(string model, IReadOnlyList<StoredEvent> events, IReadOnlyList<ModelRollout> rollouts, CancellationToken cancellationToken)
    {
        var planned = await Task.WhenAll(rollouts.Where(rollout => rollout is { IsRollback: false, Action.Status: not "skipped" }).Take(MaxPlans).Select(rollout => FindEndpointAsync(rollout.Action.Id, cancellationToken)));
        var endpoints = ModelEvents.Endpoints(events).Concat(planned.OfType<ModelEndpoint>()).Distinct().Take(MaxEndpoints);
        return await Task.WhenAll(endpoints.Select(endpoint => ReadAsync(model, endpoint, cancellationToken)));
    }

    private async Task<ModelEndpoint?> FindEndpointAsync(string actionId, CancellationToken cancellationToken)
    {
        var answer = await cache.GetAsync($"actions/{actionId}", SendAsync, cancellationToken);
        return answer.IsSuccess && JsonText.TryMember(answer.Body, "plan", out var plan) && JsonText.Text(plan, "workspaceId") is { Length: > 0 } workspace && JsonText.Text(plan, "endpoint") is { Length: > 0 } endpoint
            ? new(workspace, endpoint)
            : null;
    }

    private async Task<LiveEndpoint> ReadAsync(string model, ModelEndpoint endpoint, CancellationToken cancellationToken)
    {
        var answer = await cache.GetAsync($"deployments?endpoint={Uri.EscapeDataString(endpoint.Name)}&workspace={Uri.EscapeDataString(endpoint.Workspace)}", SendAsync, cancellationToken);
        return answer.IsSuccess && JsonText.TryMember(answer.Body, "deployments", out var all) && all.ValueKind == JsonValueKind.Array
            ? new(endpoint, [.. all.EnumerateArray().Where(deployment => string.Equals(JsonText.Text(deployment, "model"), model, StringComparison.OrdinalIgnoreCase)).Select(Read)], null)
            : new(endpoint, [], answer.IsSuccess ? "The deployer's answer contains no list of deployments. Check that the deployer and the dashboard have the same version." : answer.Message);
    }

    // Several pages share the answer, so the request is not cancelled with the page that caused it. The HTTP client limits its time.
    private Task<ServiceAnswer> SendAsync(string path) => services.SendAsync(RolloutQueries.Deployer, HttpMethod.Get, path, CancellationToken.None);

    private static LiveDeployment Read(JsonElement deployment) => new(
        JsonText.Text(deployment, "name") ?? "", JsonText.Text(deployment, "version") ?? "", Percent(deployment, "traffic"), Percent(deployment, "mirror"), JsonText.Text(deployment, "state") ?? "");

    private static int Percent(JsonElement deployment, string name) => JsonText.TryMember(deployment, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var percent) ? percent : 0;
}

/// <summary>An endpoint with the deployments of one model.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Deployments">The deployments of the model, sorted by their share of the traffic, the largest share first.</param>
/// <param name="Fault">The reason why the endpoint could not be read; null if it was read.</param>
internal sealed record LiveEndpoint(ModelEndpoint Endpoint, IReadOnlyList<LiveDeployment> Deployments, string? Fault);

/// <summary>A deployment of a model.</summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="Version">The version of the model.</param>
/// <param name="Traffic">The deployment's share of the endpoint's traffic, 0 to 100 percent.</param>
/// <param name="Mirror">The share of the traffic that is copied to the deployment, 0 to 50 percent.</param>
/// <param name="State">The deployment's provisioning state in Azure.</param>
internal sealed record LiveDeployment(string Name, string Version, int Traffic, int Mirror, string State);
