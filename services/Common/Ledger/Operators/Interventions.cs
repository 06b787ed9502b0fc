using Microsoft.AspNetCore.Http;

using MLEvents.Events;

namespace MLEvents.Ledger.Operators;

/// <summary>Reads the operator, the client address and the reason of an operation.</summary>
public static class Interventions
{
    private const string ForwardedFor = "X-Forwarded-For";

    /// <summary>The intervention of a request, for <see cref="ActionRecord.Intervention"/>.</summary>
    /// <param name="context">The request of an authenticated operator.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="reason">The reason that the operator gave; null or empty for none.</param>
    /// <param name="now">The time.</param>
    public static Intervention Read(HttpContext context, string operation, string? reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(
            operation,
            context.User.Identity?.Name ?? "unknown",
            Intervention.DescribeAddress(context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers[ForwardedFor].FirstOrDefault()),
            string.IsNullOrWhiteSpace(reason) ? null : Redaction.Scrub(reason.Trim()),
            now);
    }
}
