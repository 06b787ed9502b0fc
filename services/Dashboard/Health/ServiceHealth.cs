namespace MLEvents.Dashboard.Health;

/// <summary>The health of a service when it was last read.</summary>
/// <param name="Service">The service.</param>
/// <param name="Status">Healthy, Degraded, Unhealthy, Unreachable or Unknown.</param>
/// <param name="Checks">Its checks, those that are not healthy first.</param>
/// <param name="Fault">Why its health is not known; null if it is.</param>
public sealed record ServiceHealth(string Service, string Status, IReadOnlyList<HealthOfCheck> Checks, string? Fault = null)
{
    // The names under which services report what they depend on besides their sidecar.
    private static readonly string[] Dependencies = ["azure", "mail", "credentials"];

    /// <summary>The checks of circuit breakers, the mail server and credentials.</summary>
    public IEnumerable<HealthOfCheck> DependencyChecks => Checks.Where(check => Dependencies.Contains(check.Name));
}

/// <summary>One check of a service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Description">What it found.</param>
public sealed record HealthOfCheck(string Name, string Status, string Description);
