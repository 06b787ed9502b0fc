using MLEvents.Events;
using MLEvents.Ledger.Approvals;

namespace MLEvents.Ledger.Operators;

/// <summary>A question in the form that approvers read.</summary>
internal sealed record ApprovalView
{
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Rule { get; init; }

    public required int Generation { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary>open, approved, rejected or superseded.</summary>
    public required string Status { get; init; }

    public required string Before { get; init; }

    public required IReadOnlyList<string> From { get; init; }

    public required int Required { get; init; }

    public required IReadOnlyList<DecisionView> Decisions { get; init; }

    public required IReadOnlyDictionary<string, string> Evidence { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>approve or reject.</summary>
    public required string OnTimeout { get; init; }

    public string? RequestedBy { get; init; }

    public required EventReference Event { get; init; }

    public required IReadOnlyDictionary<string, Uri> Links { get; init; }

    public static ApprovalView Create(PendingApproval asked, Approval demand) => new()
    {
        Id = asked.Record.Id,
        Service = asked.Record.Service,
        Rule = asked.Record.Rule,
        Generation = asked.Record.Generation,
        CorrelationId = asked.Record.CorrelationId,
        Status = StatusOf(asked),
        Before = demand.Before,
        From = demand.From,
        Required = demand.Required,
        Decisions = [.. asked.Question.Decisions.Select(decision => new DecisionView(decision.Kind.ToString().ToLowerInvariant(), decision.By, decision.At, decision.Comment))],
        Evidence = asked.Question.Evidence,
        AskedAt = asked.Question.AskedAt,
        ExpiresAt = asked.Question.ExpiresAt,
        OnTimeout = demand.IsApprovedOnTimeout ? "approve" : "reject",
        RequestedBy = asked.Question.RequestedBy,
        Event = asked.Record.ReadEventReference(),
        Links = asked.Record.Links,
    };

    // The question of a cancelled action is obsolete.
    private static string StatusOf(PendingApproval asked) =>
        asked.Question.Outcome?.ToString().ToLowerInvariant() ?? (asked.Record.IsFinished ? "superseded" : "open");
}

/// <summary>A decision in the form that approvers read.</summary>
internal sealed record DecisionView(string Decision, string By, DateTimeOffset At, string? Comment);

/// <summary>A page of questions.</summary>
internal sealed record ApprovalPage(IReadOnlyList<ApprovalView> Items, string? Continuation);

/// <summary>The body of a decision.</summary>
/// <param name="Comment">The comment; null for none.</param>
/// <param name="Generation">The generation whose question is decided; null for the current one. The response is 409 if the action was restarted since.</param>
internal sealed record DecisionRequest(string? Comment, int? Generation = null);
