namespace MLEvents.Local.Verify;

/// <summary>What became of one kind of effect.</summary>
/// <param name="Kind">The kind, for people.</param>
/// <param name="Expected">How many actions must have had it.</param>
/// <param name="Done">How many had it.</param>
/// <param name="Doubled">How many effects there were beyond one for each action.</param>
/// <param name="Told">How many of the doubled are within the promise, because their action says so.</param>
public sealed record VerificationRow(string Kind, int Expected, int Done, int Doubled, int Told)
{
    /// <summary>How many are missing.</summary>
    public int Lost => Math.Max(0, Expected - Done);

    /// <summary>Whether the promise holds for it.</summary>
    public bool Passed => Done == Expected && Doubled == Told;
}

/// <summary>The outcome of an experiment.</summary>
/// <param name="Seed">Repeats its schedule.</param>
/// <param name="Events">How many different events there were.</param>
/// <param name="Deliveries">How many event deliveries, repetitions included.</param>
/// <param name="Repeats">How many requests Event Grid had to repeat.</param>
/// <param name="Kills">How many processes were killed.</param>
/// <param name="DiskFilled">Whether the disk was filled.</param>
/// <param name="Duration">From the first delivery until everything was done and still.</param>
/// <param name="Lines">The kinds of effects.</param>
/// <param name="Folder">Where the logs are, when something is wrong.</param>
public sealed record VerificationReport(
    int Seed, int Events, int Deliveries, int Repeats, int Kills, bool DiskFilled, TimeSpan Duration, IReadOnlyList<VerificationRow> Lines, string Folder)
{
    /// <summary>Whether the promise was kept.</summary>
    public bool Passed => Lines.All(line => line.Passed);
}
