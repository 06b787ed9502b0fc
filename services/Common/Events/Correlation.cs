namespace MLEvents.Events;

/// <summary>Reads the correlation id, which joins the events of one chain: drift, the retraining job, the new model, and its deployment.</summary>
public static class Correlation
{
    /// <summary>The tag that carries the correlation id on jobs, models and deployments.</summary>
    public const string Tag = "mlevents.correlation";

    /// <summary>The tag that names the action that created the resource.</summary>
    public const string ActionTag = "mlevents.action";

    /// <summary>The tag that names the rule that requested the action.</summary>
    public const string RuleTag = "mlevents.rule";

    /// <summary>The tag that names the rules of the chain so far; see <see cref="Lineage"/>.</summary>
    public const string PathTag = "mlevents.path";

    /// <summary>The tag of deployments for which the deployer created an autoscale setting. The deployer deletes the setting before it deletes the deployment.</summary>
    public const string AutoscaleTag = "mlevents.autoscale";

    private static readonly string[] TagMembers =
        ["runTags", "runProperties", "modelTags", "modelProperties", "serviceTags", "serviceProperties"];

    /// <summary>The correlation id of an event. An event that contains no correlation id starts a chain with its own id.</summary>
    public static string IdOf(WorkflowEvent workflowEvent) => FindId(workflowEvent) ?? workflowEvent.Id;

    /// <summary>Whether the chain of an event must be looked up: the event reports a registered model, and the tags and properties in the event do not name the chain.</summary>
    public static bool IsUnknown(WorkflowEvent workflowEvent) =>
        workflowEvent.Type == EventTypes.ModelRegistered && workflowEvent.Joined is null && FindId(workflowEvent) is null;

    /// <summary>The value of a tag or property of the run, model or endpoint that an event is about; null if there is none.</summary>
    internal static string? FindTag(WorkflowEvent workflowEvent, string tag)
    {
        foreach (var member in TagMembers)
        {
            if (JsonText.TextOf(workflowEvent.Data, member, tag) is { Length: > 0 } value)
            {
                return value;
            }
        }

        return null;
    }

    // Events of the services themselves name their chain.
    private static string? FindId(WorkflowEvent workflowEvent) => workflowEvent.Type.StartsWith(EventTypes.OwnPrefix, StringComparison.Ordinal)
        ? JsonText.Text(workflowEvent.Data, "correlationId") is { Length: > 0 } id ? id : null
        : FindTag(workflowEvent, Tag) ?? (workflowEvent.Joined?.CorrelationId is { Length: > 0 } joined ? joined : null);
}
