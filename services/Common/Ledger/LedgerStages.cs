namespace MLEvents.Ledger;

/// <summary>
/// The stages in which an action waits before a step. The activity and the operators' routes report the status <c>waiting</c> in these stages.
/// </summary>
public static class LedgerStages
{
    /// <summary>A limit of the rule holds the action back.</summary>
    public const string WaitingForLimit = "waiting-for-limit";

    /// <summary>The action waits for the approval of a person.</summary>
    public const string AwaitingApproval = "awaiting-approval";

    /// <summary>Whether an action in a stage waits.</summary>
    public static bool IsWaiting(string stage) => stage is WaitingForLimit or AwaitingApproval;
}
