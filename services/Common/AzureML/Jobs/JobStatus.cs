namespace MLEvents.AzureML.Jobs;

/// <summary>The statuses of a job. Events and answers differ in casing, so compare them with the methods of this class, which are case-insensitive.</summary>
public static class JobStatus
{
    /// <summary>The job exists and has not started.</summary>
    public const string NotStarted = "NotStarted";

    /// <summary>The job is starting and has no compute yet.</summary>
    public const string Starting = "Starting";

    /// <summary>The compute is being created.</summary>
    public const string Provisioning = "Provisioning";

    /// <summary>The environment is being built or downloaded.</summary>
    public const string Preparing = "Preparing";

    /// <summary>The job waits for compute.</summary>
    public const string Queued = "Queued";

    /// <summary>The job is running.</summary>
    public const string Running = "Running";

    /// <summary>The outputs are being stored.</summary>
    public const string Finalizing = "Finalizing";

    /// <summary>The job is being cancelled.</summary>
    public const string CancelRequested = "CancelRequested";

    /// <summary>The job succeeded. Terminal.</summary>
    public const string Completed = "Completed";

    /// <summary>The job failed. Terminal.</summary>
    public const string Failed = "Failed";

    /// <summary>The job was cancelled. Terminal.</summary>
    public const string Canceled = "Canceled";

    /// <summary>The job does not respond. It may respond again.</summary>
    public const string NotResponding = "NotResponding";

    /// <summary>The job is paused. It may continue.</summary>
    public const string Paused = "Paused";

    /// <summary>Azure does not know the status, or the answer contains none.</summary>
    public const string Unknown = "Unknown";

    /// <summary>Whether a job with this status has ended.</summary>
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
