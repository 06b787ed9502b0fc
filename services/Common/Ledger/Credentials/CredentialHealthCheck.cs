using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.Ledger.Credentials;

/// <summary>Reports as degraded that another system refuses a credential of this service: which one, since when and why.</summary>
internal sealed class CredentialHealthCheck(CredentialStates states) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var refused = states.Current();
        return Task.FromResult(refused.Count == 0
            ? HealthCheckResult.Healthy("no credential is refused")
            : HealthCheckResult.Degraded($"actions wait: {string.Join("; ", refused.Select(one => $"{one.Credential} is refused since {one.Since:u}: {one.Reason}"))}"));
    }
}
