using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>Settings of the ledger, from the <c>Ledger</c> section.</summary>
public sealed class LedgerOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Ledger";

    /// <summary>The Dapr state store that holds the records; it must support ETags. Default <c>statestore</c>.</summary>
    [Required]
    public string StateStore { get; set; } = "statestore";

    /// <summary>
    /// How long a claim is valid without a heartbeat, 5 s to 10 min. Default 30 s. A crash delays an action by this long.
    /// The heartbeat renews the lease after each third of it. The clocks of replicas may differ by at most half of it.
    /// </summary>
    [TimeRange("00:00:05", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A directory on a local disk in which each process keeps a file locked while it runs. When a process ends, its leases expire at
    /// once for processes with the same machine name (of the same machine, pod or container). Default none: the leases stay valid until their end.
    /// </summary>
    public string? InstanceDirectory { get; set; }

    /// <summary>How long a message waits for all its actions, 0.01 s to 1 min. Default 5 s. Longer work is recorded and continues after the message is acknowledged.</summary>
    [TimeRange("00:00:00.01", "00:01:00")]
    public TimeSpan HandlerBudget { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often the pending actions of all replicas are checked, 0.1 s to 10 min. Default 5 s. Work of this replica starts when it is due. If more than 10,000 actions are
    /// pending, the interval grows in proportion to their number, up to twelvefold.
    /// </summary>
    [TimeRange("00:00:00.1", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often an action that waits for a limit or an approval is checked again, 0.1 s to 10 min. Default 30 s. The action is checked
    /// earlier if another action or a period ends and so frees a place in the limit. It is also checked earlier if the approval is decided or times out.
    /// </summary>
    [TimeRange("00:00:00.1", "00:10:00")]
    public TimeSpan LimitInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many actions can follow from each other, 1 to 20. Default 8. A further action fails, because rules that cause each other's events would otherwise run endlessly.
    /// The limit does not apply to services whose actions cause no events.
    /// </summary>
    [Range(1, 20)]
    public int MaxChainDepth { get; set; } = 8;

    /// <summary>The number of keys of the pending index, and of each index of failed actions, 1 to 256. Default 8. It must be the same in all replicas and must not be lowered while actions are pending.</summary>
    [Range(1, 256)]
    public int Shards { get; set; } = 8;

    /// <summary>
    /// How many pending actions are executed at the same time, 1 to 256. Default 8. One rule gets at most three quarters of them, rounded up.
    /// </summary>
    [Range(1, 256)]
    public int Concurrency { get; set; } = 8;

    /// <summary>How long a stopping service waits for running steps, 0 to 5 min. Default 20 s. The service then aborts these steps, and other replicas continue. Use less than the platform's grace period.</summary>
    [TimeRange("00:00:00", "00:05:00")]
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The number of consecutive failed attempts after which an action fails, 1 to 1000. Default 100: more than 20 hours with the default waits.</summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 100;

    /// <summary>The wait before the second attempt, 0.01 s to 1 h. Default 2 s. The wait doubles with each attempt.</summary>
    [TimeRange("00:00:00.01", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait between attempts, 0.01 s to 1 day. Default 15 min.</summary>
    [TimeRange("00:00:00.01", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often one of the actions that wait for a refused credential tries it, 0.1 s to 1 h. Default 1 min. After the credential is accepted, all these actions continue within this time.</summary>
    [TimeRange("00:00:00.1", "01:00:00")]
    public TimeSpan CredentialInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an action waits for a refused credential before it fails, 1 s to 90 days. Default 3 days.</summary>
    [TimeRange("00:00:01", "90.00:00:00")]
    public TimeSpan CredentialTimeout { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How long finished records are kept, 1 day to 10 years. Default 90 days. An event that arrives later is handled as new; Event Grid repeats an event for up to a day.</summary>
    [TimeRange("1.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);
}

[OptionsValidator]
internal sealed partial class LedgerOptionsValidator : IValidateOptions<LedgerOptions>;
