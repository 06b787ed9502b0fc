using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Retrainer.Runs;

namespace MLEvents.Retrainer;

/// <summary>The tags and parameters that identify the action of a run, for the events of the run and for people.</summary>
internal static class ActionTags
{
    /// <summary>
    /// The pipeline parameter that contains the id of the run, which begins with the id of the action. Data Factory has no tags on runs, and its parameter names contain no dots.
    /// </summary>
    public const string ActionParameter = "mlevents_action";

    /// <summary>The pipeline parameter that contains the id of the chain.</summary>
    public const string CorrelationParameter = "mlevents_correlation";

    /// <summary>The pipeline parameter that lists the rules of the chain so far. A pipeline need not declare it.</summary>
    public const string PathParameter = "mlevents_path";

    /// <summary>The tag and property that contains the id of a run. Each run of an action has its own id; the action's tag is the same for all runs.</summary>
    public const string RunTag = "mlevents.run";

    /// <summary>The tags of the action and of its current run.</summary>
    public static IReadOnlyDictionary<string, string> ForRun(ActionRecord record) => new Dictionary<string, string>(record.ToTags()) { [RunTag] = RunAttempts.IdOf(record) };

    /// <summary>
    /// The id of the action that started the run of an event; null if there is none. A pipeline may copy the value of <see cref="ActionParameter"/> to the tag. This method removes the
    /// generation and the run number with which the value may end.
    /// </summary>
    public static string? ActionOf(WorkflowEvent workflowEvent) =>
        JsonText.TextOf(workflowEvent.Data, "runTags", Correlation.ActionTag)?.Split('-')[0];
}
