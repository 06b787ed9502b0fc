namespace MLEvents.Local.Simulator.Faults;

/// <summary>A fault to inject. <see cref="FaultStore"/> tracks the remaining hits.</summary>
/// <param name="Operation">The affected operation, or <c>*</c>.</param>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Count">Number of affected calls; null for all.</param>
/// <param name="Status">The status answered by kind <c>status</c>.</param>
/// <param name="RetryAfterSeconds">
/// The <c>Retry-After</c> header of kind <c>status</c>, in seconds. Null stands for 1 s with status 429, and for no header with other statuses.
/// </param>
/// <param name="When">Whether the fault is applied <c>before</c> or <c>after</c> the operation runs.</param>
/// <param name="Delay">Duration of the wait; null for the default of the kind.</param>
/// <param name="Share">The share of affected calls: greater than 0, at most 1.</param>
/// <param name="Seed">Seed for the selection by <paramref name="Share"/>.</param>
internal sealed record Fault(
    string Operation, string Kind, int? Count, int Status, int? RetryAfterSeconds, string When, TimeSpan? Delay, double Share, int Seed)
{
    /// <summary>Answers with <see cref="Status"/> instead of the real answer.</summary>
    public const string StatusKind = "status";

    /// <summary>Does not answer, and resets the connection after the delay.</summary>
    public const string Timeout = "timeout";

    /// <summary>Resets the connection.</summary>
    public const string Reset = "reset";

    /// <summary>Returns the real answer after a delay.</summary>
    public const string Late = "delay";

    /// <summary>The job or factory run that is started by the call fails.</summary>
    public const string FailJob = "failJob";

    /// <summary>The deployment that is started by the call fails.</summary>
    public const string FailDeployment = "failDeployment";

    /// <summary>The operation that the call starts on an endpoint or deployment ends in state Failed.</summary>
    public const string FailOperation = "failOperation";

    /// <summary>The operation that the call starts on an endpoint or deployment ends in state Canceled.</summary>
    public const string CancelOperation = "cancelOperation";

    /// <summary>The delay is added to the duration of the operation that the call starts on an endpoint or deployment.</summary>
    public const string SlowOperation = "slowOperation";

    /// <summary>Delivers an event twice.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Delivers events in another order.</summary>
    public const string Shuffle = "shuffle";

    /// <summary>Delivers events after a delay.</summary>
    public const string DelayEvents = "delayEvents";

    /// <summary>Kinds that affect a call.</summary>
    public static readonly IReadOnlyList<string> HttpKinds = [StatusKind, Timeout, Reset, Late];

    /// <summary>Kinds that affect the delivery of an event.</summary>
    public static readonly IReadOnlyList<string> EventKinds = [Duplicate, Shuffle, DelayEvents];

    /// <summary>All kinds.</summary>
    public static readonly IReadOnlyList<string> Kinds = [.. HttpKinds, FailJob, FailDeployment, FailOperation, CancelOperation, SlowOperation, .. EventKinds];

    /// <summary>Whether the operation runs before the fault is applied.</summary>
    public bool After => When == "after";
}
