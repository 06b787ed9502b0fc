using System.Text.Json.Serialization;

namespace MLEvents.Ledger.Approvals;

/// <summary>The stored question of an action that waits for an approval. One conditional write records each decision.</summary>
/// <param name="ActionId">The action.</param>
/// <param name="Generation">The generation of the action that asks.</param>
/// <param name="AskedAt">When the question was asked.</param>
/// <param name="ExpiresAt">When the time-out applies.</param>
/// <param name="Evidence">The facts that support the decision, by name.</param>
internal sealed record ApprovalQuestion(string ActionId, int Generation, DateTimeOffset AskedAt, DateTimeOffset ExpiresAt, IReadOnlyDictionary<string, string> Evidence)
{
    /// <summary>The person who caused the action, if known; this person must not approve it.</summary>
    public string? RequestedBy { get; init; }

    // The generated JSON code sets a member to null if the stored JSON does not contain it. A member with another default therefore replaces null by its default.
    /// <summary>The decisions, the oldest first. The last one settles the question if <see cref="Outcome"/> is set.</summary>
    public IReadOnlyList<ApprovalDecision> Decisions { get; init => field = value ?? []; } = [];

    /// <summary>The result; null while the question is open.</summary>
    public DecisionKind? Outcome { get; init; }

    /// <summary>The question with a decision that settles it.</summary>
    public ApprovalQuestion Settle(ApprovalDecision decision) => this with { Decisions = [.. Decisions, decision], Outcome = decision.Kind };

    /// <summary>The question with the decision of a person. A rejection or the last required approval settles the question.</summary>
    public ApprovalQuestion Add(ApprovalDecision decision, int required) =>
        decision.Kind == DecisionKind.Approved && Decisions.Count + 1 < required ? this with { Decisions = [.. Decisions, decision] } : Settle(decision);
}

/// <summary>A decision.</summary>
/// <param name="Kind">The kind of decision.</param>
/// <param name="By">The person who decided; <see cref="TimeOut"/> if the time ended without a decision; the name of the service if the question is superseded.</param>
/// <param name="At">When the decision was made.</param>
/// <param name="Comment">The comment; null if there is none.</param>
internal sealed record ApprovalDecision(DecisionKind Kind, string By, DateTimeOffset At, string? Comment)
{
    /// <summary>The value of <see cref="By"/> in a decision that the time-out made.</summary>
    public const string TimeOut = "time-out";

    /// <summary>The decision in a sentence.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} by {By}{(Comment is { Length: > 0 } ? $": {Comment}" : "")}";
}

/// <summary>The kind of decision on a question.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DecisionKind>))]
internal enum DecisionKind
{
    /// <summary>The action may continue.</summary>
    Approved,

    /// <summary>The action is skipped.</summary>
    Rejected,

    /// <summary>The question is obsolete, because its action is no longer wanted.</summary>
    Superseded,
}
