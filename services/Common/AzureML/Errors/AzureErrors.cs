using System.Text.Json;

using Azure;
using Azure.Identity;

using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace MLEvents.AzureML.Errors;

/// <summary>Turns what the Azure SDK and Polly throw into <see cref="AzureException"/>, and decides what may succeed later.</summary>
internal static class AzureErrors
{
    private static readonly string[] InProgress = ["in progress", "inprogress", "being updated", "being created", "being deleted", "transitioning", "try again", "retry"];

    /// <summary>The failure of one attempt; <see langword="null"/> for what is none of Azure's, cancellation above all.</summary>
    public static AzureException? Translate(string operation, Exception failure, TimeProvider time, CancellationToken cancellationToken) => failure switch
    {
        OperationCanceledException => cancellationToken.IsCancellationRequested ? null : Local(operation, AzureException.TimeoutCode, "the connection timed out", failure),
        RequestFailedException refused => Refused(operation, refused, time),
        AuthenticationFailedException denied => NoToken(operation, denied),
        HttpRequestException or IOException => Local(operation, AzureException.NetworkCode, failure.Message, failure),

        // The SDK answers ids and types that are none with ArgumentException; our own arguments are checked before any attempt.
        JsonException or FormatException or ArgumentException => Local(operation, AzureException.UnreadableAnswerCode, failure.Message, failure),
        _ => null,
    };

    /// <summary>A call that our own limits ended, with what the last attempt said.</summary>
    public static AzureException Rejected(string operation, ExecutionRejectedException rejection, AzureException? last)
    {
        var (code, text) = rejection switch
        {
            BrokenCircuitException => (AzureException.CircuitOpenCode, "not called, for too many calls failed lately"),
            RateLimiterRejectedException => (AzureException.TooManyCallsCode, "not called, for too many calls are under way"),
            _ => (AzureException.TimeoutCode, "timed out"),
        };
        var message = last is null ? $"{operation}: {text}." : $"{operation}: {text}. The last attempt said: {last.Message}";
        return new AzureException(message, last is null ? rejection : last)
        {
            Operation = operation,
            Status = last?.Status ?? 0,
            Code = code,
            RequestId = last?.RequestId,
            IsTransient = true,
            RetryAfter = (rejection as BrokenCircuitException)?.RetryAfter ?? (rejection as RateLimiterRejectedException)?.RetryAfter ?? last?.RetryAfter,
        };
    }

    /// <summary>Whether an answer may be another one later. A 409 passes when it means work in progress; a 412 when the resource is read again first, as our only conditional write does.</summary>
    public static bool IsTransient(int status, string code, string message) => status switch
    {
        0 or 408 or 412 or 423 or 429 or >= 500 => true,
        409 => InProgress.Any(text => code.Contains(text, StringComparison.OrdinalIgnoreCase) || message.Contains(text, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    private static AzureException Refused(string operation, RequestFailedException refused, TimeProvider time)
    {
        if (refused.Status == 0)
        {
            return Local(operation, AzureException.NetworkCode, refused.Message, refused);
        }

        var response = refused.GetRawResponse();
        var error = ArmErrorReading.Read(response);
        var code = error?.Code ?? refused.ErrorCode ?? $"Http{refused.Status}";
        var hint = refused.Status is 401 or 403 ? $" {RoleHints.For(operation)}" : "";
        return new AzureException($"{operation} was answered with {refused.Status} {error?.ToString() ?? code}{hint}", refused)
        {
            Operation = operation,
            Status = refused.Status,
            Code = code,
            RequestId = response?.Headers.RequestId,
            IsTransient = IsTransient(refused.Status, code, error?.Message ?? ""),
            RetryAfter = RetryAfter.Read(response, time),
        };
    }

    private static AzureException NoToken(string operation, AuthenticationFailedException denied)
    {
        // Only trouble on the way to the token service passes; a missing identity or a wrong secret stays.
        var passing = denied.InnerException is RequestFailedException { Status: 0 or 429 or >= 500 } or HttpRequestException or OperationCanceledException;
        return new AzureException($"{operation}: no token for Azure. {denied.Message} {RoleHints.For(operation)}", denied)
        {
            Operation = operation,
            Code = AzureException.AuthenticationCode,
            IsTransient = passing,
        };
    }

    private static AzureException Local(string operation, string code, string text, Exception cause) =>
        new($"{operation}: {text}", cause) { Operation = operation, Code = code, IsTransient = true };
}
