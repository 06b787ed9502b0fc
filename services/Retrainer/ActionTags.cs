using MLEvents.Events;

namespace MLEvents.Retrainer;

/// <summary>By what a run's events, and people, find the action that started it.</summary>
internal static class ActionTags
{
    /// <summary>The pipeline parameter that names the action; Data Factory has no tags on runs, and no dots in names.</summary>
    public const string ActionParameter = "mlevents_action";

    /// <summary>The pipeline parameter that names the chain.</summary>
    public const string CorrelationParameter = "mlevents_correlation";

    /// <summary>The pipeline parameter that names the rules of the chain so far. It is optional.</summary>
    public const string PathParameter = "mlevents_path";

    /// <summary>The action that started the run that an event is about; null when it was none. A pipeline may hand the parameter on as the tag, which names the generation too.</summary>
    public static string? ActionOf(WorkflowEvent workflowEvent) =>
        JsonText.Texts(workflowEvent.Data, "runTags").GetValueOrDefault(Correlation.ActionTag)?.Split('-')[0];
}
