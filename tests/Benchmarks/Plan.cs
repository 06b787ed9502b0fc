namespace MLEvents.Benchmarks;

/// <summary>The extent of the measurements.</summary>
/// <param name="Rounds">Measured rounds of the benchmark <c>throughput</c>. The benchmark <c>rules</c> measures four iterations for each of them.</param>
/// <param name="Samples">Events whose latency is measured.</param>
/// <param name="Rest">How long idle services wait before the measurement, and how long they are measured.</param>
/// <param name="Runs">Runs of the loop, and starts of the dashboard with a full history.</param>
/// <param name="Events">Events of the benchmark <c>load</c>.</param>
/// <param name="PortBase">First port of the benchmarks <c>loop</c> and <c>load</c>, and of the host and daprd in <c>peers</c>.</param>
/// <param name="Load">Duration of each load of the benchmarks <c>peers</c> and <c>growth</c>.</param>
internal sealed record Plan(int Rounds, int Samples, TimeSpan Rest, int Runs, int Events, int PortBase, TimeSpan Load);
