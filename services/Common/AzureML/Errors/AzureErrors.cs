using System.Text.Json;

using Azure;
using Azure.Identity;

using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace MLEvents.AzureML.Errors;

/// <summary>Converts the exceptions of a call to Azure (of the Azure SDK, the network and Polly) to <see cref="AzureException"/>, and decides which failures are transient.</summary>
internal static class AzureErrors
{
    private static readonly string[] InProgress = ["in progress", "inprogress", "being updated", "being created", "being deleted", "transitioning", "try again", "retry"];

    /// <summary>
    /// Converts the failure of one attempt. <see langword="null"/> if the attempt's token was cancelled, by the caller or by a timeout of the pipeline: the pipeline then reports the timeout,
    /// and <see cref="Rejected"/> converts it. Also <see langword="null"/> for an exception of a type that calls to Azure do not throw.
    /// </summary>
    public static AzureException? Translate(string operation, Exception failure, TimeProvider time, CancellationToken cancellationToken) => failure switch
    {
        OperationCanceledException => cancellationToken.IsCancellationRequested ? null : Local(operation, AzureException.TimeoutCode, "the connection timed out", failure),
        RequestFailedException refused => Refused(operation, refused, time),
        AuthenticationFailedException exception => NoToken(operation, exception),
        HttpRequestException or IOException => Local(operation, AzureException.NetworkCode, failure.Message, failure),

        // JsonObject throws ArgumentException for an answer with duplicate members. The arguments of the caller cannot be the cause, because they are checked before the first attempt.
        JsonException or FormatException or ArgumentException => Local(operation, AzureException.UnreadableAnswerCode, failure.Message, failure),
        _ => null,
    };

    /// <summary>Converts a rejection by the pipeline's limits, and adds the failure of the last attempt.</summary>
    public static AzureException Rejected(string operation, ExecutionRejectedException rejection, AzureException? last)
    {
        var (code, text) = rejection switch
        {
            BrokenCircuitException => (AzureException.CircuitOpenCode, "not called, because too many recent calls failed"),
            RateLimiterRejectedException => (AzureException.TooManyCallsCode, "not called, because too many calls are in progress"),
            _ => (AzureException.TimeoutCode, "timed out"),
        };
        var message = last is null ? $"{operation}: {text}." : $"{operation}: {text}. The last attempt failed: {last.Message}";
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

    /// <summary>
    /// Whether a later call may succeed. A 409 is transient if its code or message says that another operation on the resource is in progress, or asks for a retry.
    /// A 412 is transient, because each attempt of a conditional write (the update of an endpoint) first reads the current ETag.
    /// </summary>
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

    private static AzureException NoToken(string operation, AuthenticationFailedException failure)
    {
        // Failures of the network and of the token service are transient. A missing identity or a wrong secret is not.
        var isTransient = failure.InnerException is RequestFailedException { Status: 0 or 429 or >= 500 } or HttpRequestException or OperationCanceledException;
        return new AzureException($"{operation}: no token for Azure. {failure.Message} {RoleHints.For(operation)}", failure)
        {
            Operation = operation,
            Code = AzureException.AuthenticationCode,
            IsTransient = isTransient,
        };
    }

    private static AzureException Local(string operation, string code, string text, Exception cause) =>
        new($"{operation}: {text}", cause) { Operation = operation, Code = code, IsTransient = true };
}
