namespace MLEvents.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Measured rounds of throughput.</param>
/// <param name="Samples">Events whose latency is measured.</param>
/// <param name="Rest">How long services at rest settle, and then are watched.</param>
/// <param name="Runs">Runs of the loop.</param>
/// <param name="Events">Events of the load.</param>
/// <param name="PortBase">First port of the loop, and of the host beside its peers.</param>
/// <param name="Load">How long each load of the peers lasts.</param>
internal sealed record Plan(int Rounds, int Samples, TimeSpan Rest, int Runs, int Events, int PortBase, TimeSpan Load);
