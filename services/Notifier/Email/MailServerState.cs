using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.Notifier.Email;

/// <summary>Whether the mail server answered for the last mail and, if mails need a token, whether the token endpoint answered. Each replica keeps its own state.</summary>
internal sealed class MailServerState(TimeProvider time)
{
    /// <summary>The fault of a mail server that does not answer.</summary>
    public const string NoAnswer = "the mail server has not answered";

    /// <summary>The fault of a token endpoint that gives no token.</summary>
    public const string NoToken = "the token endpoint of Mail:OAuth has not given a token";

    private readonly Lock _gate = new();
    private MailOutage? _outage;

    /// <summary>The current outage; null if the last mail was answered, or no mail has been sent yet.</summary>
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

    /// <summary>Records that a server did not answer.</summary>
    /// <param name="fault"><see cref="NoAnswer"/> or <see cref="NoToken"/>.</param>
    /// <param name="reason">The reason, without addresses of people.</param>
    public void Failed(string fault, string reason)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _outage = new(fault, _outage is { } earlier && earlier.Fault == fault ? earlier.Since : now, now, reason);
        }
    }
}

/// <summary>An outage of the mail server or of the token endpoint.</summary>
/// <param name="Fault">Which server does not answer, for people.</param>
/// <param name="Since">When the server first did not answer.</param>
/// <param name="TriedAt">When the server last did not answer.</param>
/// <param name="Reason">The failure of the last mail.</param>
internal sealed record MailOutage(string Fault, DateTimeOffset Since, DateTimeOffset TriedAt, string Reason);

/// <summary>Reports <c>degraded</c> while the mail server or the token endpoint does not answer. The mails are retried, and the service stays ready.</summary>
internal sealed class MailHealthCheck(MailServerState state) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(state.Outage is { } outage
        ? HealthCheckResult.Degraded($"mails wait: {outage.Fault} since {outage.Since:u}; last attempt {outage.TriedAt:u}: {outage.Reason}")
        : HealthCheckResult.Healthy("no outage of the mail server is known"));
}
