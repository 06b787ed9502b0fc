namespace MLEvents.Local.Verify;

/// <summary>The options of a verification run.</summary>
/// <param name="Seed">Determines the events, their order and repetitions, and the schedule of faults.</param>
/// <param name="Events">The number of different events, 1 to 100000.</param>
/// <param name="Kills">The number of processes to kill, 0 to 1000.</param>
/// <param name="KillEvery">The mean time between two kills, 0.1 s to 1 min.</param>
/// <param name="Replicas">The number of processes of each subscribing service, 1 to 3.</param>
/// <param name="Folder">The folder for data and logs. It is deleted first.</param>
/// <param name="SettleTimeout">The longest time to wait after the last fault until all actions are done.</param>
public sealed record VerificationOptions(int Seed, int Events, int Kills, TimeSpan KillEvery, int Replicas, string Folder, TimeSpan SettleTimeout);
