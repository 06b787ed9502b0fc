namespace MLEvents.Local.Verify;

/// <summary>How the promise is put to the test.</summary>
/// <param name="Seed">Decides the events, their order and repetitions, and the schedule of faults; the same seed repeats them.</param>
/// <param name="Events">How many different events are delivered, 1 to 100000.</param>
/// <param name="Kills">How many processes are killed, 0 to 1000.</param>
/// <param name="KillEvery">The mean time between two kills, 0.1 s to 1 min.</param>
/// <param name="Replicas">How many processes each subscribing service has, 1 to 3.</param>
/// <param name="Folder">The folder for data and logs, made anew and kept when the promise was not.</param>
/// <param name="Patience">The longest time after the last fault until everything must be done.</param>
public sealed record VerificationOptions(int Seed, int Events, int Kills, TimeSpan KillEvery, int Replicas, string Folder, TimeSpan Patience);
