namespace MLEvents.Local.Simulator.Control;

/// <summary>A fault as asked for. Immutable but for what is left of it, which <see cref="FaultStore"/> keeps.</summary>
/// <param name="Operation">The operation it hits, or <c>*</c>.</param>
/// <param name="Kind">What goes wrong, one of <see cref="Kinds"/>.</param>
/// <param name="Count">How many calls it hits; null for all.</param>
/// <param name="Status">The status answered by kind <c>status</c>.</param>
/// <param name="RetryAfterSeconds">The <c>Retry-After</c> of a status; a 429 has one in any case.</param>
/// <param name="When"><c>before</c> or <c>after</c> the work is done.</param>
/// <param name="Delay">How long kinds that wait do so; null for the kind's default.</param>
/// <param name="Share">The share of calls hit, 0 to 1.</param>
/// <param name="Seed">Seeds the choice made by <paramref name="Share"/>.</param>
internal sealed record Fault(
    string Operation, string Kind, int? Count, int Status, int? RetryAfterSeconds, string When, TimeSpan? Delay, double Share, int Seed)
{
    /// <summary>Answer a status instead of the real one.</summary>
    public const string StatusKind = "status";

    /// <summary>Let the caller wait until it gives up.</summary>
    public const string Timeout = "timeout";

    /// <summary>Reset the connection.</summary>
    public const string Reset = "reset";

    /// <summary>Answer late, but right.</summary>
    public const string Late = "delay";

    /// <summary>Let the job or factory run that the call starts fail.</summary>
    public const string FailJob = "failJob";

    /// <summary>Let the deployment that the call starts fail.</summary>
    public const string FailDeployment = "failDeployment";

    /// <summary>Deliver an event twice.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Deliver events in another order.</summary>
    public const string Shuffle = "shuffle";

    /// <summary>Deliver events late.</summary>
    public const string DelayEvents = "delayEvents";

    /// <summary>Kinds that hit a call.</summary>
    public static readonly IReadOnlyList<string> HttpKinds = [StatusKind, Timeout, Reset, Late];

    /// <summary>Kinds that hit an event on its way to a subscription.</summary>
    public static readonly IReadOnlyList<string> EventKinds = [Duplicate, Shuffle, DelayEvents];

    /// <summary>All kinds.</summary>
    public static readonly IReadOnlyList<string> Kinds = [.. HttpKinds, FailJob, FailDeployment, .. EventKinds];

    /// <summary>Whether the work is done before the fault strikes.</summary>
    public bool After => When == "after";
}
