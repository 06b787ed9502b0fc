namespace MLEvents.AzureML.Jobs;

/// <summary>The statuses of a job. Events and answers differ in casing, so compare with the helpers, which ignore case.</summary>
public static class JobStatus
{
    /// <summary>Known, not begun.</summary>
    public const string NotStarted = "NotStarted";

    /// <summary>Begun, nothing allotted yet.</summary>
    public const string Starting = "Starting";

    /// <summary>Compute is being made.</summary>
    public const string Provisioning = "Provisioning";

    /// <summary>The environment is being built or fetched.</summary>
    public const string Preparing = "Preparing";

    /// <summary>Waiting for compute.</summary>
    public const string Queued = "Queued";

    /// <summary>At work.</summary>
    public const string Running = "Running";

    /// <summary>Outputs are being stored.</summary>
    public const string Finalizing = "Finalizing";

    /// <summary>Told to stop, not stopped yet.</summary>
    public const string CancelRequested = "CancelRequested";

    /// <summary>Ended well; terminal.</summary>
    public const string Completed = "Completed";

    /// <summary>Ended badly; terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>Stopped; terminal.</summary>
    public const string Canceled = "Canceled";

    /// <summary>Out of reach; may come back.</summary>
    public const string NotResponding = "NotResponding";

    /// <summary>Halted, may go on.</summary>
    public const string Paused = "Paused";

    /// <summary>The service does not know, or sent none.</summary>
    public const string Unknown = "Unknown";

    /// <summary>Whether a job of this status has ended for good.</summary>
    public static bool IsTerminal(string? status) => IsCompleted(status) || IsFailed(status) || IsCanceled(status);

    /// <summary>Whether the status is <see cref="Completed"/>.</summary>
    public static bool IsCompleted(string? status) => Is(status, Completed);

    /// <summary>Whether the status is <see cref="Failed"/>.</summary>
    public static bool IsFailed(string? status) => Is(status, Failed);

    /// <summary>Whether the status is <see cref="Canceled"/>, in either spelling.</summary>
    public static bool IsCanceled(string? status) => Is(status, Canceled) || Is(status, "Cancelled");

    /// <summary>Compares two statuses, ignoring case.</summary>
    public static bool Is(string? status, string expected) => string.Equals(status, expected, StringComparison.OrdinalIgnoreCase);
}
