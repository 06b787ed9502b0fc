using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.Runs;

namespace MLEvents.Retrainer;

/// <summary>The tags and parameters by which events and people identify the action of a run.</summary>
internal static class ActionTags
{
    /// <summary>The pipeline parameter that names the action. Data Factory has no tags on runs and no dots in parameter names.</summary>
    public const string ActionParameter = "mlevents_action";

    /// <summary>The pipeline parameter that names the chain.</summary>
    public const string CorrelationParameter = "mlevents_correlation";

    /// <summary>The pipeline parameter that names the rules of the chain so far. It is optional.</summary>
    public const string PathParameter = "mlevents_path";

    /// <summary>The tag and property that names the run of an action. Each run of an action has its own value, unlike the action's tag.</summary>
    public const string RunTag = "mlevents.run";

    /// <summary>The tags of a job that names its run.</summary>
    public static IReadOnlyDictionary<string, string> OfRun(ActionRecord record) => new Dictionary<string, string>(record.ToTags()) { [RunTag] = RunAttempts.IdOf(record) };

    /// <summary>The action that started the run of an event; null if there is none. A pipeline may copy the parameter to the tag, and the parameter contains the generation too.</summary>
    public static string? ActionOf(WorkflowEvent workflowEvent) =>
        JsonText.Texts(workflowEvent.Data, "runTags").GetValueOrDefault(Correlation.ActionTag)?.Split('-')[0];
}
