namespace MLEvents.Local.Verify;

/// <summary>The counts of one kind of action.</summary>
/// <param name="Kind">The name of the kind, as the table prints it.</param>
/// <param name="Expected">The number of actions that must be carried out.</param>
/// <param name="Done">The number of actions that were carried out at least once.</param>
/// <param name="Duplicates">The number of results after the first result of each action.</param>
/// <param name="Reported">The number of duplicates whose action reports that its mail may arrive twice.</param>
public sealed record VerificationRow(string Kind, int Expected, int Done, int Duplicates, int Reported)
{
    /// <summary>The number of actions that are missing.</summary>
    public int Lost => Math.Max(0, Expected - Done);

    /// <summary>Whether exactly the expected number of actions was carried out, and every duplicate is reported.</summary>
    public bool Passed => Done == Expected && Duplicates == Reported;
}

/// <summary>The report of one verification run.</summary>
/// <param name="Seed">The seed. A run with the same seed repeats the schedule of faults.</param>
/// <param name="Events">The number of different events.</param>
/// <param name="Deliveries">The number of event deliveries, including repetitions.</param>
/// <param name="Repeats">The number of requests that were sent again because the ingress was down or answered 503.</param>
/// <param name="Kills">The number of processes that were killed.</param>
/// <param name="DiskFilled">Whether the disk was filled.</param>
/// <param name="Duration">The time from the first delivery until the results were counted.</param>
/// <param name="Rows">The counts by kind of action.</param>
/// <param name="Folder">The folder of data and logs.</param>
public sealed record VerificationReport(
    int Seed, int Events, int Deliveries, int Repeats, int Kills, bool DiskFilled, TimeSpan Duration, IReadOnlyList<VerificationRow> Rows, string Folder)
{
    /// <summary>Whether all rows passed.</summary>
    public bool Passed => Rows.All(row => row.Passed);
}
