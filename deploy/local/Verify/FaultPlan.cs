namespace MLEvents.Local.Verify;

/// <summary>The kind of a fault.</summary>
internal enum FaultKind
{
    /// <summary>A process is killed and started again after a while.</summary>
    Kill,

    /// <summary>The mail server resets every connection for a while.</summary>
    MailDown,

    /// <summary>The disk of the broker and the state store is full for a while.</summary>
    DiskFull,

    /// <summary>The processes of all services and sidecars are stopped (SIGTERM) and started again, one after the other, as in an upgrade.</summary>
    RollingRestart,
}

/// <summary>One fault of the schedule.</summary>
/// <param name="Kind">The kind of the fault.</param>
/// <param name="At">The time since the first delivery.</param>
/// <param name="For">The duration; for a kill, the time until the process starts again.</param>
/// <param name="Victim">For a kill: a number that selects the process. The index of the process is this number modulo the number of processes.</param>
internal sealed record PlannedFault(FaultKind Kind, TimeSpan At, TimeSpan For, int Victim);

/// <summary>Creates the schedule of faults that a seed determines.</summary>
internal static class FaultPlan
{
    private static readonly TimeSpan MaxDowntime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(8);

    /// <summary>Creates the faults, ordered by their time.</summary>
    public static IReadOnlyList<PlannedFault> Create(VerificationOptions options)
    {
        var random = new Random(options.Seed);
        var faults = new List<PlannedFault>();
        var at = TimeSpan.FromSeconds(1);
        for (var kill = 0; kill < options.Kills; kill++)
        {
            at += options.KillEvery * (0.5 + random.NextDouble());
            faults.Add(new(FaultKind.Kill, at, MaxDowntime * random.NextDouble(), random.Next(int.MaxValue)));
        }

        // One outage of each kind and one rolling restart at random times among the kills.
        faults.Add(new(FaultKind.MailDown, at * random.NextDouble(), Outage, 0));
        faults.Add(new(FaultKind.DiskFull, at * random.NextDouble(), Outage / 2, 0));
        faults.Add(new(FaultKind.RollingRestart, at * random.NextDouble(), TimeSpan.Zero, 0));
        return [.. faults.OrderBy(fault => fault.At)];
    }
}
