using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Operating;

/// <summary>Carries out one operation of a user and records it.</summary>
internal sealed class OperatorRequest(ServiceOperator services, AuditLog audit)
{
    /// <summary>Posts to the operator API of a service.</summary>
    /// <returns>The result, for the user.</returns>
    public async Task<string> PostAsync(HttpContext context, OperatorCall call) => await SendAsync(context, call) is { IsSuccess: false } refused ? refused.Message : Accepted(call);

    /// <summary>Posts to the operator API of a service.</summary>
    /// <returns>The answer of the service, or why it was not asked.</returns>
    public async Task<ServiceAnswer> SendAsync(HttpContext context, OperatorCall call)
    {
        // Recorded first: an operation that the audit cannot hold is not carried out.
        AuditEntry entry;
        try
        {
            entry = await audit.BeginAsync(AuditLog.ActorOf(context), call.Describe(), call.Target, context.RequestAborted);
        }
        catch (Exception exception) when (audit.IsUnavailable(exception))
        {
            return new(0, default, $"Nothing was done, because the audit cannot be written: {exception.GetBaseException().Message}");
        }

        var answer = await SendUnrecordedAsync(context, call);
        await audit.TryCompleteAsync(entry, answer.IsSuccess ? Accepted(call) : answer.Message);
        return answer;
    }

    /// <summary>Posts to the operator API of a service, for a run of many actions that has one entry in the audit.</summary>
    public Task<ServiceAnswer> SendUnrecordedAsync(HttpContext context, OperatorCall call) =>
        services.AskAsync(call.Service, HttpMethod.Post, call.PathAndQuery, call.Body, context.RequestAborted);

    private static string Accepted(OperatorCall call) => $"{call.Service} accepted the {call.Operation}.";
}

/// <summary>One operation of a service.</summary>
/// <param name="Service">The service that carries it out.</param>
/// <param name="Operation">Its name, for people.</param>
/// <param name="Target">What it changes, for people.</param>
/// <param name="Path">The path of the operator API.</param>
/// <param name="Force">Whether it repeats what was done.</param>
internal sealed record OperatorCall(string Service, string Operation, string Target, string Path, bool Force = false)
{
    /// <summary>Further parameters, each as <c>name=value</c> with an escaped value.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>Why the user asks for it; null if no reason was given.</summary>
    public string? Reason { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Length > Intervention.MaxReason ? value[..Intervention.MaxReason] : value; }

    /// <summary>What the audit adds to the operation; null for its reason.</summary>
    public string? Note { get; init; }

    /// <summary>The body, sent as JSON; null for none.</summary>
    public object? Body { get; init; }

    /// <summary>The operation with its reason or note.</summary>
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
