using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Operating;

/// <summary>Executes an operation of a user and records it in the audit.</summary>
internal sealed class OperatorRequest(OperatorApiClient services, AuditLog audit)
{
    /// <summary>Posts to the operator API of a service.</summary>
    /// <returns>The result, as a message for the user.</returns>
    public async Task<string> PostAsync(HttpContext context, OperatorCall call) => await SendAsync(context, call) is { IsSuccess: false } refused ? refused.Message : Accepted(call);

    /// <summary>Posts to the operator API of a service.</summary>
    /// <returns>The answer of the service. Status 0: no request was sent, or no valid answer arrived; the message contains the reason.</returns>
    public async Task<ServiceAnswer> SendAsync(HttpContext context, OperatorCall call)
    {
        // The audit entry is stored first. An operation that cannot be recorded is not executed.
        AuditEntry entry;
        try
        {
            entry = await audit.BeginAsync(AuditLog.ActorOf(context), call.Describe(), call.Target, context.RequestAborted);
        }
        catch (Exception exception) when (audit.IsUnavailable(exception))
        {
            return new(0, default, AuditLog.DescribeOutage(exception));
        }

        var answer = await SendUnrecordedAsync(context, call);
        await audit.TryCompleteAsync(entry, answer.IsSuccess ? Accepted(call) : answer.Message);
        return answer;
    }

    /// <summary>
    /// Posts to the operator API of a service without an audit entry. A bulk run has one audit entry for each user who starts or continues it, not one for each action.
    /// </summary>
    public Task<ServiceAnswer> SendUnrecordedAsync(HttpContext context, OperatorCall call) =>
        services.SendAsync(call.Service, HttpMethod.Post, call.PathAndQuery, call.Body, context.RequestAborted);

    private static string Accepted(OperatorCall call) => $"{call.Service} accepted the {call.Operation}.";
}

/// <summary>One operation of a service.</summary>
/// <param name="Service">The service that executes the operation.</param>
/// <param name="Operation">The name of the operation, for people.</param>
/// <param name="Target">The action, message or endpoint that the operation changes, for people.</param>
/// <param name="Path">The path of the operator API.</param>
/// <param name="Force">Whether the service repeats work that it has already done.</param>
internal sealed record OperatorCall(string Service, string Operation, string Target, string Path, bool Force = false)
{
    /// <summary>Further parameters, each as <c>name=value</c> with an escaped value.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>The user's reason; null if no reason was given.</summary>
    public string? Reason { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Length > Intervention.MaxReasonLength ? value[..Intervention.MaxReasonLength] : value; }

    /// <summary>The text that the audit adds to the operation; null to add the reason.</summary>
    public string? Note { get; init; }

    /// <summary>The body, sent as JSON; null for none.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Describes the operation with its note or reason.</summary>
    public string Describe() => (Note ?? Reason) is { } note ? $"{Operation}: {note}" : Operation;

    /// <summary>The path with the parameters.</summary>
    public string PathAndQuery
    {
        get
        {
            var parameters = new[] { Force ? "force=true" : null }.Concat(Parameters).Append(Reason is null ? null : $"reason={Uri.EscapeDataString(Reason)}").OfType<string>().ToList();
            return parameters.Count == 0 ? Path : $"{Path}?{string.Join('&', parameters)}";
        }
    }
}
