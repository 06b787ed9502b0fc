using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>Settings of the history, from the <c>History</c> section.</summary>
public sealed class HistoryOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "History";

    /// <summary>The SQLite file, relative to the working directory; its folder is created. Default <c>.local/dashboard.db</c>. Not used if <see cref="PostgreSql"/> is set.</summary>
    [Required]
    public string File { get; set; } = Path.Combine(".local", "dashboard.db");

    /// <summary>The connection string of a PostgreSQL database, version 12 or later. Required for more than one replica. Default none: SQLite is used.</summary>
    public string? PostgreSql { get; set; }

    /// <summary>
    /// The age at which entries of the history are deleted, 1 h to 3650 days. Default 90 days. It applies to events, questions, decisions, bulk runs and the audit. It also applies
    /// to actions that have ended, with their changes, and to versions of rules that are no longer in force.
    /// </summary>
    [TimeRange("01:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How often entries that are older than <see cref="Retention"/> are deleted, 1 s to 1 day. Default 1 h.</summary>
    [TimeRange("00:00:01", "1.00:00:00")]
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The largest number of entries that one transaction writes, 1 to 10000. Default 1000.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 1000;

    /// <summary>The largest number of entries that wait to be written, 1 to 100000. Further deliveries wait until the queue has room. Default 5000.</summary>
    [Range(1, 100_000)]
    public int QueueLength { get; set; } = 5000;

    /// <summary>
    /// How long a delivery waits for its entry to be stored, 100 ms to 1 min. Default 10 s. After this time, the broker is asked to redeliver the message.
    /// </summary>
    [TimeRange("00:00:00.100", "00:01:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class HistoryOptionsValidator : IValidateOptions<HistoryOptions>;
