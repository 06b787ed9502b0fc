using System.Security.Claims;

namespace MLEvents.Dashboard.Operating;

/// <summary>Carries out one operation of a user and records it.</summary>
internal sealed class OperatorRequest(ServiceOperator services, AuditLog audit)
{
    /// <summary>Posts to the operator API of a service.</summary>
    /// <returns>The result, for the user.</returns>
    public async Task<string> PostAsync(ClaimsPrincipal user, string service, string operation, string target, string path, CancellationToken cancellationToken)
    {
        // Recorded first: an operation that the log cannot hold is not carried out.
        var entry = await audit.BeginAsync(user.Identity?.Name ?? "unknown", operation, target, cancellationToken);
        var answer = await services.AskAsync(service, HttpMethod.Post, path, cancellationToken);
        var result = answer.IsSuccess ? $"{service} accepted the {operation}." : answer.Message;
        await audit.CompleteAsync(entry, result, CancellationToken.None);
        return result;
    }
}
