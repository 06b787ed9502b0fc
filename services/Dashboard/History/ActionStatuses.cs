namespace MLEvents.Dashboard.History;

/// <summary>The stages that all services use, as activity events contain them.</summary>
internal static class ActionStages
{
    /// <summary>The action waits for an approval.</summary>
    public const string AwaitingApproval = "awaiting-approval";
}

/// <summary>The statuses of actions, as activity events contain them.</summary>
internal static class ActionStatuses
{
    /// <summary>All statuses, in the usual order of an action.</summary>
    public static IReadOnlyList<string> All { get; } = ["accepted", "running", "waiting", "succeeded", "failed", "skipped"];

    /// <summary>The statuses of actions that have not ended.</summary>
    public static IReadOnlyList<string> Unfinished { get; } = ["accepted", "running", "waiting"];
}
