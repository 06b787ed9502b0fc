using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.Ledger.Credentials;

/// <summary>Reports <c>degraded</c> while another system refuses a credential of this service. The report names the credential, the time and the reason.</summary>
internal sealed class CredentialHealthCheck(CredentialStates states) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var refused = states.Current();
        return Task.FromResult(refused.Count == 0
            ? HealthCheckResult.Healthy("no credential is refused")
            : HealthCheckResult.Degraded($"actions wait: {string.Join("; ", refused.Select(one => $"{one.Credential} has been refused since {one.Since:u}: {one.Reason}"))}"));
    }
}
