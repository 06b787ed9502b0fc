namespace MLEvents.AzureML;

/// <summary>The statuses of a Data Factory run; compare with the helpers, which ignore case. Cancelled has two l here, unlike a job's.</summary>
public static class PipelineRunStatus
{
    /// <summary>Not begun.</summary>
    public const string Queued = "Queued";

    /// <summary>At work.</summary>
    public const string InProgress = "InProgress";

    /// <summary>Ended well; terminal.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>Ended badly; terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>Told to stop, not stopped yet.</summary>
    public const string Canceling = "Canceling";

    /// <summary>Stopped; terminal.</summary>
    public const string Cancelled = "Cancelled";

    /// <summary>Whether a run of this status has ended for good.</summary>
    public static bool IsTerminal(string? status) => IsSucceeded(status) || Is(status, Failed) || Is(status, Cancelled) || Is(status, "Canceled");

    /// <summary>Whether the status is <see cref="Succeeded"/>.</summary>
    public static bool IsSucceeded(string? status) => Is(status, Succeeded);

    private static bool Is(string? status, string expected) => string.Equals(status, expected, StringComparison.OrdinalIgnoreCase);
}
