using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using MLEvents.Ledger.Records;
using MLEvents.Ledger.Waking;

namespace MLEvents.Ledger.Approvals;

/// <summary>Records the decisions of people about approvals, each decision once.</summary>
internal sealed partial class ApprovalControl(ApprovalStore store, RecordStore records, ActionWaker waker, TimeProvider time, ILogger<ApprovalControl> logger)
{
    /// <summary>The longest comment, in characters.</summary>
    public const int MaxCommentLength = 1000;

    /// <summary>Finds the question of an action.</summary>
    /// <returns>Null if the action does not exist, asked nothing in its current generation, or has a record that only a newer version can read.</returns>
    public async Task<PendingApproval?> FindAsync(string id, CancellationToken cancellationToken) =>
        ActionRecord.IsId(id) && await records.FindAsync(id, cancellationToken) is { Record: { IsNewer: false, Approval: not null } record }
        && await store.FindAsync(record, cancellationToken) is { } question
            ? new PendingApproval(record, question)
            : null;

    /// <summary>Records a decision.</summary>
    /// <param name="id">The action.</param>
    /// <param name="kind">Approved or rejected.</param>
    /// <param name="by">The person who decides.</param>
    /// <param name="comment">The comment; null for none.</param>
    /// <param name="generation">The generation whose question the person saw; null for the current one. A restarted action asks again, possibly with other evidence.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<DecisionResult> DecideAsync(string id, DecisionKind kind, string by, string? comment, int? generation, CancellationToken cancellationToken)
    {
        if (comment?.Length > MaxCommentLength)
        {
            return new(null, $"The comment is longer than {MaxCommentLength} characters.", StatusCodes.Status400BadRequest);
        }

        if (await FindAsync(id, cancellationToken) is not { Record.Approval: { } demand } asked)
        {
            return new(null, null, StatusCodes.Status404NotFound);
        }

        if (generation is { } seen && seen != asked.Record.Generation)
        {
            return new(asked, $"The question of generation {seen} is superseded: the action was restarted and is in generation {asked.Record.Generation}.", StatusCodes.Status409Conflict);
        }

        string? refusal = null;
        var decision = new ApprovalDecision(kind, by, time.GetUtcNow(), comment);
        var question = await store.UpdateAsync(
            asked.Record, stored => (refusal = Refuse(asked.Record, stored, decision)) is null ? stored.Add(decision, demand.Required) : null, cancellationToken);
        if (refusal is not null || question is null)
        {
            return new(asked with { Question = question ?? asked.Question }, refusal ?? "The question does not exist any more.", StatusCodes.Status409Conflict);
        }

        LogDecided(id, asked.Record.Rule, kind, by);
        await waker.WakeAsync(id, cancellationToken);
        return new(asked with { Question = question }, null, StatusCodes.Status200OK);
    }

    private string? Refuse(ActionRecord record, ApprovalQuestion question, ApprovalDecision decision) => question switch
    {
        { Outcome: not null, Decisions: [.., var last] } => $"The question is settled: {last}, {last.At:yyyy-MM-dd HH:mm:ss} UTC.",
        _ when record.Stage != LedgerStages.AwaitingApproval || record.IsFinished => $"The action does not wait for an approval any more; it is {record.StatusName}: {record.Detail}",
        _ when time.GetUtcNow() >= question.ExpiresAt => $"The question expired at {question.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC.",
        { RequestedBy: { } requester } when decision.Kind == DecisionKind.Approved && Person.IsSame(requester, decision.By) => $"{decision.By} caused the action, so somebody else must approve it.",
        _ when question.Decisions.Any(earlier => Person.IsSame(earlier.By, decision.By)) => $"{decision.By} has approved already; another person must decide.",
        _ => null,
    };

    [LoggerMessage(1, LogLevel.Information, "Action {ActionId} of rule {Rule}: {By} decided {Decision}")]
    private partial void LogDecided(string actionId, string rule, DecisionKind decision, string by);
}

/// <summary>An action with its question.</summary>
internal sealed record PendingApproval(ActionRecord Record, ApprovalQuestion Question);

/// <summary>The result of a decision.</summary>
/// <param name="Asked">The action and its question in the current state; null if there is no question, or if the comment is too long.</param>
/// <param name="Refusal">The reason why the decision was not recorded; null if it was recorded, or if there is no question to decide.</param>
/// <param name="Status">The HTTP status.</param>
internal sealed record DecisionResult(PendingApproval? Asked, string? Refusal, int Status);

/// <summary>Compares the names of people. A mailbox with a display name and the same mailbox without one are the same person.</summary>
internal static class Person
{
    public static bool IsSame(string one, string other) => Address(one).Equals(Address(other), StringComparison.OrdinalIgnoreCase);

    private static string Address(string name)
    {
        var (start, end) = (name.LastIndexOf('<'), name.LastIndexOf('>'));
        return (start >= 0 && end > start ? name[(start + 1)..end] : name).Trim();
    }
}
