namespace MLEvents.Events;

/// <summary>An action waits for an approval: the data of an event on <see cref="Topics.Approvals"/>. The notifier sends the question to the people in <paramref name="From"/>.</summary>
/// <param name="Service">The service of the action; its operators' routes accept the decision.</param>
/// <param name="Rule">The rule that requested the action.</param>
/// <param name="ActionId">The action's id.</param>
/// <param name="Generation">How often the action was restarted. Each generation asks again.</param>
/// <param name="CorrelationId">The chain that the action belongs to.</param>
/// <param name="Event">The event that caused the action.</param>
/// <param name="From">The recipients of the notice: e-mail addresses.</param>
/// <param name="Before">The step that waits: <c>start</c> or <c>traffic</c>.</param>
/// <param name="Evidence">The facts that support the decision, by name.</param>
/// <param name="ExpiresAt">When the time-out applies.</param>
/// <param name="OnTimeout"><c>reject</c> or <c>approve</c>.</param>
/// <param name="Required">How many different people must approve.</param>
/// <param name="Links">Related pages by name. <c>approval</c>, if present, is the page of the question; it accepts signed links only.</param>
public sealed record ApprovalRequested(
    string Service,
    string Rule,
    string ActionId,
    int Generation,
    string CorrelationId,
    EventReference Event,
    IReadOnlyList<string> From,
    string Before,
    IReadOnlyDictionary<string, string> Evidence,
    DateTimeOffset ExpiresAt,
    string OnTimeout,
    int Required,
    IReadOnlyDictionary<string, Uri> Links);

/// <summary>A decision about an action that waits for an approval: the data of an event on <see cref="Topics.WorkflowActivity"/>.</summary>
/// <param name="Service">The service of the action.</param>
/// <param name="Rule">The rule that requested the action.</param>
/// <param name="ActionId">The action's id.</param>
/// <param name="Generation">How often the action was restarted.</param>
/// <param name="CorrelationId">The chain that the action belongs to.</param>
/// <param name="Event">The event that caused the action.</param>
/// <param name="Decision"><c>approved</c>, <c>rejected</c> or <c>superseded</c>.</param>
/// <param name="By">The person who decided; <c>time-out</c> if no person decided in time; the name of the service if the question is superseded.</param>
/// <param name="Comment">The comment; null if there is none.</param>
/// <param name="At">When the decision was made.</param>
/// <param name="IsFinal">Whether the question is settled; false if further approvals are required.</param>
public sealed record ApprovalDecided(
    string Service,
    string Rule,
    string ActionId,
    int Generation,
    string CorrelationId,
    EventReference Event,
    string Decision,
    string By,
    string? Comment,
    DateTimeOffset At,
    bool IsFinal);
