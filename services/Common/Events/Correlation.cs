namespace MLEvents.Events;

/// <summary>What joins the events of one chain: drift, the retraining job it started, the model that came out, its deployment.</summary>
public static class Correlation
{
    /// <summary>The tag that carries the correlation id on jobs, models and deployments.</summary>
    public const string Tag = "mlevents.correlation";

    /// <summary>The tag that names the action which made the resource.</summary>
    public const string ActionTag = "mlevents.action";

    /// <summary>The tag that names the rule which asked for it.</summary>
    public const string RuleTag = "mlevents.rule";

    private static readonly string[] TagMembers =
        ["runTags", "runProperties", "modelTags", "modelProperties", "serviceTags", "serviceProperties"];

    /// <summary>The correlation id of an event: the one that its tags or properties carry, else its own id, which starts a chain.</summary>
    public static string IdOf(WorkflowEvent workflowEvent)
    {
        // Events of the services themselves name their chain.
        if (workflowEvent.Type.StartsWith(EventTypes.OwnPrefix, StringComparison.Ordinal) && JsonText.Text(workflowEvent.Data, "correlationId") is { Length: > 0 } chain)
        {
            return chain;
        }

        foreach (var member in TagMembers)
        {
            if (JsonText.Texts(workflowEvent.Data, member).TryGetValue(Tag, out var id) && id.Length > 0)
            {
                return id;
            }
        }

        return workflowEvent.Id;
    }
}
