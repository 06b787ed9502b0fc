using System.Text.Json;
using System.Text.Json.Serialization;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.AzureML.Endpoints;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Deployer.Operators;

/// <summary>Answers operators' requests: shows an endpoint, or starts an action. The action is a roll-back, or a roll-out of a registered model by a rule.</summary>
internal sealed class OperatorRequests(
    IRequestedActions<RolloutPlan> actions, IActionPlanner<RolloutPlan> planner, RuleSource<DeploymentRule> rules, IOnlineEndpoints endpoints, IOnlineDeployments deployments,
    IOptions<AzureMLOptions> azure, TimeProvider time)
{
    private const string RollbackRule = "rollback";

    /// <summary>Reads an endpoint with its deployments and their traffic from Azure.</summary>
    /// <param name="workspaceId">The workspace. If it is null, the settings must allow exactly one workspace, which is then used.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The endpoint; otherwise the reason why the request is not valid, or the message that the endpoint does not exist.</returns>
    /// <exception cref="MLEvents.AzureML.Errors.AzureException">Azure refused a call, or could not be reached.</exception>
    public async Task<(EndpointView? View, string? Refusal, string? Missing)> ShowAsync(string? workspaceId, string endpoint, CancellationToken cancellationToken)
    {
        if (FindWorkspace(workspaceId, out var fault) is not { } workspace)
        {
            return (null, fault, null);
        }

        var id = new ResourceIdentifier(workspace.ArmId);
        return RolloutTarget.IsEndpointName(endpoint) && await endpoints.GetAsync(id, endpoint, cancellationToken) is { } found
            ? (EndpointView.From(workspace.ArmId, found, await deployments.ListAsync(id, endpoint, cancellationToken)), null, null)
            : (null, null, NoEndpoint(endpoint, workspace));
    }

    /// <summary>Starts a roll-back.</summary>
    /// <param name="workspaceId">The workspace. If it is null, the settings must allow exactly one workspace, which is then used.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="to">The deployment that gets all traffic; null if <see cref="RollbackTarget"/> chooses it.</param>
    /// <param name="by">The operator who requests it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="MLEvents.AzureML.Errors.AzureException">Azure refused a call, or could not be reached.</exception>
    public async Task<RequestAnswer> RollbackAsync(string? workspaceId, string endpoint, string? to, Intervention by, CancellationToken cancellationToken)
    {
        if (FindWorkspace(workspaceId, out var fault) is not { } workspace)
        {
            return new(null, fault);
        }

        if (!RolloutTarget.IsEndpointName(endpoint) || await endpoints.GetAsync(new ResourceIdentifier(workspace.ArmId), endpoint, cancellationToken) is not { } found)
        {
            return new(null, NoEndpoint(endpoint, workspace));
        }

        var all = await deployments.ListAsync(new ResourceIdentifier(workspace.ArmId), endpoint, cancellationToken);
        var (target, refusal) = RollbackTarget.Find(found, all, to);
        if (target is null)
        {
            return new(null, refusal);
        }

        var plan = new RolloutPlan
        {
            WorkspaceId = workspace.ArmId,
            Endpoint = endpoint,
            Deployment = target,
            Purpose = RolloutPurpose.Rollback,
            Model = "",
            Version = "",
            Location = found.Location,
            InstanceType = "",
            InstanceCount = 0,
            AuthMode = found.AuthMode,
            Traffic = 100,
        };
        var request = CreateEvent(EventTypes.RollbackRequested, workspace, $"endpoints/{endpoint}", new() { ["endpoint"] = endpoint, ["deployment"] = target });
        var action = new ActionRequest<RolloutPlan>(RollbackRule, "", null, _ => new(plan, null));
        return new(new StartedAction(await actions.StartAsync(request, action, by, cancellationToken), $"all traffic of {endpoint} returns to {target}"), null);
    }

    /// <summary>Starts the roll-out of a registered model by a rule. The rule's condition is not checked.</summary>
    /// <param name="workspaceId">The workspace. If it is null, the settings must allow exactly one workspace, which is then used.</param>
    /// <param name="rule">The name of the rule.</param>
    /// <param name="model">The model, as <c>name:version</c>.</param>
    /// <param name="by">The operator who requests it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<RequestAnswer> StartAsync(string? workspaceId, string rule, string model, Intervention by, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        var separator = model.LastIndexOf(':');
        if (FindWorkspace(workspaceId, out var fault) is not { } workspace || separator <= 0 || separator == model.Length - 1)
        {
            return new(null, fault ?? $"'{model}' does not name a model version, such as churn:12.");
        }

        if (current.Rules.FirstOrDefault(one => one.Name.Equals(rule, StringComparison.OrdinalIgnoreCase)) is not { } found || planner is not RolloutPlanner planning)
        {
            return new(null, $"There is no deployment rule '{rule}'. {(current.Rules.Count == 0 ? "No deployment rules are in force." : $"Expected one of: {string.Join(", ", current.Rules.Select(one => one.Name))}.")}");
        }

        var (name, version) = (model[..separator], model[(separator + 1)..]);
        var request = CreateEvent(EventTypes.RolloutRequested, workspace, $"models/{model}", new() { ["modelName"] = name, ["modelVersion"] = version });
        var started = new List<string>();
        foreach (var (index, action) in planning.CreateRequests(found, current.Version, request).Index())
        {
            // The deduplication key of the rule could match an earlier action. Each operator's request must start a new action.
            var unique = action with { DeduplicationKey = index == 0 ? null : $"{request.Id}\nendpoint={index}" };
            started.Add(await actions.StartAsync(request, unique, by, cancellationToken));
        }

        var others = started.Count == 1 ? "" : $" to {started.Count} endpoints; the other {(started.Count == 2 ? "action is" : "actions are")} {string.Join(", ", started.Skip(1))}";
        return new(new StartedAction(started[0], $"rule {found.Name} rolls {model} out{others}"), null);
    }

    private static string NoEndpoint(string endpoint, Workspace workspace) => $"There is no endpoint '{endpoint}' in workspace {workspace.Name}.";

    private Workspace? FindWorkspace(string? id, out string? fault)
    {
        var only = azure.Value.Workspaces is [var single] && !single.Contains('*', StringComparison.Ordinal) ? single : null;
        var isKnown = Workspace.TryParse(id ?? only ?? "", out var workspace);
        fault = isKnown ? null
            : id is not null ? $"'{id}' is not the ARM id of a workspace."
            : "'workspace' is missing. Set it to the ARM id of the workspace, because AzureML:Workspaces does not contain exactly one workspace.";
        return isKnown ? workspace : null;
    }

    private WorkflowEvent CreateEvent(string type, Workspace workspace, string subject, Dictionary<string, string> data)
    {
        var envelope = JsonSerializer.SerializeToElement(
            new OperatorEvent("1.0", Guid.NewGuid().ToString(), workspace.ArmId, type, subject, time.GetUtcNow(), "application/json", data), DeployerJson.Default.OperatorEvent);
        return WorkflowEvent.TryRead(envelope, out var read, out var error) ? read : throw new InvalidOperationException(error);
    }
}

/// <summary>The CloudEvents envelope of an operator's request. The members are attributes of CloudEvents.</summary>
internal sealed record OperatorEvent(
    [property: JsonPropertyName("specversion")] string SpecVersion,
    string Id,
    string Source,
    string Type,
    string Subject,
    DateTimeOffset Time,
    [property: JsonPropertyName("datacontenttype")] string DataContentType,
    IReadOnlyDictionary<string, string> Data);

/// <summary>The answer to an operator's request.</summary>
/// <param name="Action">The action that was started; null if no action was started.</param>
/// <param name="Refusal">The reason why no action was started; null if an action was started.</param>
internal sealed record RequestAnswer(StartedAction? Action, string? Refusal);

/// <summary>An action that an operator's request started.</summary>
/// <param name="Id">The id of the action, for <c>mlevents actions show</c>.</param>
/// <param name="Detail">A description of the action, for people.</param>
internal sealed record StartedAction(string Id, string Detail);
