namespace MLEvents.AzureML.Errors;

/// <summary>A call to Azure failed, and this library does not repeat it.</summary>
public sealed class AzureException : Exception
{
    /// <summary>Code of a call without an answer: the connection was refused or closed, or the host name is unknown.</summary>
    public const string NetworkCode = "NetworkError";

    /// <summary>Code of a call that timed out.</summary>
    public const string TimeoutCode = "Timeout";

    /// <summary>Code of a call that was not made because the circuit is open.</summary>
    public const string CircuitOpenCode = "CircuitOpen";

    /// <summary>Code of a call that was not made because too many calls are in progress.</summary>
    public const string TooManyCallsCode = "TooManyCalls";

    /// <summary>Code of a call for which no token was available.</summary>
    public const string AuthenticationCode = "AuthenticationFailed";

    /// <summary>Code of a call that was not made because the settings do not allow its workspace, registry, factory or host.</summary>
    public const string NotAllowedCode = "NotAllowedBySettings";

    /// <summary>Code of an answer that could not be read, or that lacks a value that the call needs.</summary>
    public const string UnreadableAnswerCode = "UnreadableAnswer";

    private static readonly string[] ResourceDecisions =
        ["RequestDisallowedByPolicy", "RequestDisallowedByAzure", "ReadOnlyDisabledSubscription", "SubscriptionNotRegistered", "MissingSubscriptionRegistration", "ScopeLocked", "QuotaExceeded"];

    /// <summary>Creates an exception without details.</summary>
    public AzureException()
        : this("A call to Azure failed.")
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    public AzureException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    public AzureException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The operation, named as in Azure's API, for instance <c>Jobs_CreateOrUpdate</c>.</summary>
    public string Operation { get; init; } = "";

    /// <summary>The HTTP status of the answer that reports the error; 0 if there is no such answer, for instance after a network failure or after an answer that could not be read.</summary>
    public int Status { get; init; }

    /// <summary>Azure's error code, or one of the codes of this class.</summary>
    public string Code { get; init; } = "";

    /// <summary>Azure's id of the call (<c>x-ms-request-id</c>), which Azure's support needs; <see langword="null"/> if it is not known.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether the same call may succeed later without a change by an operator.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether Azure refused the identity of this service: there is no token for it, its token is refused (401), or it lacks a role (403).</summary>
    /// <remarks>A 403 of a policy, a lock or a disabled subscription concerns the resource. A role does not change it.</remarks>
    public bool IsCredentialRefused =>
        !IsTransient && (Code == AuthenticationCode || Status == 401 || (Status == 403 && !ResourceDecisions.Contains(Code, StringComparer.OrdinalIgnoreCase)));

    /// <summary>
    /// How long to wait before the next call: as long as Azure asks, or until an open circuit or the limit of concurrent calls may admit a call.
    /// <see langword="null"/> if the time is not known.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The error in one line for people: code, message and request id. The code is not repeated if the message contains it.</summary>
    public string ToText()
    {
        var code = Message.Contains(Code, StringComparison.Ordinal) ? "" : $"{Code}: ";
        var request = RequestId is { } id ? $" (request id {id})" : "";
        return $"{code}{Message}{request}";
    }
}
