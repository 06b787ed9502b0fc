namespace MLEvents.Rules;

/// <summary>The approval that an action of a rule needs.</summary>
public sealed record RuleApproval
{
    /// <summary>
    /// The recipients of the notice: e-mail addresses, at least one. Operators with the role <c>MLEvents.Approver</c> may decide. If notices have signed links, each recipient may decide with the link too.
    /// </summary>
    public required IReadOnlyList<string> From { get; init; }

    /// <summary>The step that waits.</summary>
    public required ApprovalPoint Before { get; init; }

    /// <summary>How long the question is open, 1 minute to 90 days. Default 24 hours.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The result if no decision is reached in time. Default <see cref="ApprovalTimeout.Reject"/>.</summary>
    public ApprovalTimeout OnTimeout { get; init; }

    /// <summary>How many different people must approve, 1 to 10. Default 1. One rejection settles the question.</summary>
    public int Required { get; init; } = 1;
}

/// <summary>The step of an action that waits for an approval.</summary>
public enum ApprovalPoint
{
    /// <summary>The first step: nothing has been created yet.</summary>
    Start,

    /// <summary>The first traffic of a new deployment. The deployment exists; it is verified if the rule's strategy says so.</summary>
    Traffic,
}

/// <summary>The result if no decision is reached in time.</summary>
public enum ApprovalTimeout
{
    /// <summary>The action is skipped.</summary>
    Reject,

    /// <summary>The action continues.</summary>
    Approve,
}
