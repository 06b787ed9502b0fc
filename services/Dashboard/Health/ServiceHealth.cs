namespace MLEvents.Dashboard.Health;

/// <summary>The health of a service when it was last read.</summary>
/// <param name="Service">The service.</param>
/// <param name="Status">Healthy, Degraded, Unhealthy or Unreachable.</param>
/// <param name="Checks">What each of its checks says, those that are not healthy first.</param>
/// <param name="ReadAt">When it was read.</param>
internal sealed record ServiceHealth(string Service, string Status, IReadOnlyList<string> Checks, DateTimeOffset ReadAt);
