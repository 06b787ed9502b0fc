namespace MLEvents.Events;

/// <summary>An action changed its status or stage. This is the data of the ActionChanged events on <see cref="Topics.WorkflowActivity"/>.</summary>
/// <remarks>If the JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
/// <param name="Service">The service that executes the action, for instance <c>retrainer</c>.</param>
/// <param name="Rule">The rule that requested the action.</param>
/// <param name="ActionId">The action's id. It identifies the ledger record, and remote names are derived from it.</param>
/// <param name="Status">accepted, running, waiting, succeeded, failed or skipped.</param>
/// <param name="Stage">The stage that the action has reached, for instance <c>job-submitted</c>; empty before the first stage.</param>
/// <param name="Attempt">The attempt, counted from 1.</param>
/// <param name="CorrelationId">The chain that the action belongs to.</param>
/// <param name="Event">The event that caused the action.</param>
/// <param name="Detail">The result or the reason, for people; null if there is nothing to add.</param>
/// <param name="Links">Related pages: names and absolute URLs.</param>
public sealed record ActionChanged(
    string Service,
    string Rule,
    string ActionId,
    string Status,
    string Stage,
    int Attempt,
    string CorrelationId,
    EventReference Event,
    string? Detail,
    IReadOnlyDictionary<string, Uri> Links)
{
    /// <summary>The version of the rule file that was in force when the action was accepted; empty if an older service published the event.</summary>
    public string RuleVersion { get; init => field = value ?? ""; } = "";

    /// <summary>How often operators and forced replays have restarted the action, from 0.</summary>
    public int Generation { get; init; }

    /// <summary>The keys of the rules that led to this action, from the first rule to the action's own rule; see <see cref="Lineage"/>. Empty if an older service published the event.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>An operator's last intervention; null if none.</summary>
    public Intervention? Intervention { get; init; }
}

/// <summary>The attributes that identify an event, without its data.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Subject">The event's subject.</param>
/// <param name="Source">The event's source.</param>
public sealed record EventReference(string Id, string Type, string Subject, string Source)
{
    /// <summary>The reference to an event.</summary>
    public static EventReference To(WorkflowEvent workflowEvent) =>
        new(workflowEvent.Id, workflowEvent.Type, workflowEvent.Subject, workflowEvent.Source);
}
