using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.ServiceDefaults.Tokens;

/// <summary>Reports not ready until the signing keys of every trusted issuer were read once.</summary>
internal sealed class SigningKeysHealthCheck(IEnumerable<ITrustedIssuers> trusted, SigningKeyStore keys) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var issuers = trusted.SelectMany(source => source.Issuers).DistinctBy(issuer => issuer.Metadata).ToList();
            foreach (var issuer in issuers)
            {
                await keys.For(issuer).GetAsync(cancellationToken);
            }

            return HealthCheckResult.Healthy(issuers.Count == 0 ? "no tokens are accepted" : "the signing keys are loaded");
        }
        catch (SigningKeysUnavailableException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message);
        }
    }
}
