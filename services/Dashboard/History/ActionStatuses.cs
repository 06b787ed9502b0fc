namespace MLEvents.Dashboard.History;

/// <summary>The stages on the wire that all services share.</summary>
internal static class ActionStages
{
    /// <summary>The action waits until people decide.</summary>
    public const string AwaitingApproval = "awaiting-approval";
}

/// <summary>The words for an action's status on the wire.</summary>
internal static class ActionStatuses
{
    /// <summary>All, in the order in which an action goes through them.</summary>
    public static IReadOnlyList<string> All { get; } = ["accepted", "running", "waiting", "succeeded", "failed", "skipped"];

    /// <summary>Those of actions that have not ended.</summary>
    public static IReadOnlyList<string> Unfinished { get; } = ["accepted", "running", "waiting"];
}
