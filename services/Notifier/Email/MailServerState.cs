using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.Notifier.Email;

/// <summary>Whether the mail server answered the last mail. Each replica keeps its own state.</summary>
internal sealed class MailServerState(TimeProvider time)
{
    private readonly Lock _gate = new();
    private MailOutage? _outage;

    /// <summary>The current outage; null if the server answered the last mail, or no mail has been sent yet.</summary>
    public MailOutage? Outage
    {
        get
        {
            lock (_gate)
            {
                return _outage;
            }
        }
    }

    /// <summary>Records that the server answered, whatever it answered.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            _outage = null;
        }
    }

    /// <summary>Records that the server did not answer.</summary>
    /// <param name="reason">The reason, without addresses of people.</param>
    public void Failed(string reason)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _outage = new(_outage?.Since ?? now, now, reason);
        }
    }
}

/// <summary>An outage of the mail server.</summary>
/// <param name="Since">When the server first did not answer.</param>
/// <param name="TriedAt">When the server last did not answer.</param>
/// <param name="Reason">The failure of the last mail.</param>
internal sealed record MailOutage(DateTimeOffset Since, DateTimeOffset TriedAt, string Reason);

/// <summary>Reports <c>degraded</c> while the mail server does not answer. The mails are retried, and the service stays ready.</summary>
internal sealed class MailHealthCheck(MailServerState state) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(state.Outage is { } outage
        ? HealthCheckResult.Degraded($"mails wait: the mail server has not answered since {outage.Since:u}; last attempt {outage.TriedAt:u}: {outage.Reason}")
        : HealthCheckResult.Healthy("no outage of the mail server is known"));
}
