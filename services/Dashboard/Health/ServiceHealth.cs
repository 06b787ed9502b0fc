namespace MLEvents.Dashboard.Health;

/// <summary>The health of a service, as of the last read.</summary>
/// <param name="Service">The service.</param>
/// <param name="Status">Healthy, Degraded, Unhealthy, Unreachable or Unknown.</param>
/// <param name="Checks">The health checks; the checks that are not healthy come first.</param>
/// <param name="Fault">The reason why the health is not known; null if it is known.</param>
public sealed record ServiceHealth(string Service, string Status, IReadOnlyList<HealthCheckView> Checks, string? Fault = null)
{
    // The names of the health checks for dependencies other than the sidecar.
    private static readonly string[] Dependencies = ["azure", "mail", "credentials"];

    /// <summary>The checks of circuit breakers, the mail server and credentials.</summary>
    public IEnumerable<HealthCheckView> DependencyChecks => Checks.Where(check => Dependencies.Contains(check.Name));
}

/// <summary>One health check of a service.</summary>
/// <param name="Name">The name of the check.</param>
/// <param name="Status">Healthy, Degraded, Unhealthy or Unknown.</param>
/// <param name="Description">The result in words.</param>
public sealed record HealthCheckView(string Name, string Status, string Description);
