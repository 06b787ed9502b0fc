namespace MLEvents.Events;

/// <summary>An operator's intervention in an action.</summary>
/// <param name="Operation">The operation, for instance <c>retry</c>.</param>
/// <param name="By">The operator's name; <c>operator</c> if the operator used the static token.</param>
/// <param name="From">The address of the request; null if unknown.</param>
/// <param name="Reason">The reason in the operator's words; null if none was given.</param>
/// <param name="At">When the operator intervened.</param>
public sealed record Intervention(string Operation, string By, string? From, string? Reason, DateTimeOffset At)
{
    /// <summary>The longest reason that is accepted, in characters.</summary>
    public const int MaxReasonLength = 500;

    /// <summary>The name of an operator with the static token.</summary>
    public const string StaticTokenName = "operator";

    /// <summary>Validates the reason of an operator.</summary>
    /// <param name="reason">The reason; null for none.</param>
    /// <returns>The error text; null if the reason can be recorded.</returns>
    public static string? FindReasonFault(string? reason) => reason is { Length: > MaxReasonLength } ? $"'reason' can have at most {MaxReasonLength} characters." : null;

    /// <summary>
    /// The origin of a request: the address of the connection, and the address that a proxy or the dashboard names. Both addresses are recorded, because a caller could invent the named
    /// address.
    /// </summary>
    /// <param name="connection">The address of the connection; null if it is not known.</param>
    /// <param name="forwardedFor">The header <c>X-Forwarded-For</c>; null if there is none.</param>
    public static string? DescribeAddress(string? connection, string? forwardedFor) =>
        string.IsNullOrEmpty(forwardedFor) ? connection : $"{DisplayText.Shorten(forwardedFor)} by way of {connection}";

    /// <summary>The operator and the address, for people.</summary>
    public string DescribeWho() => $"{(By == StaticTokenName ? "an operator" : By)}{(From is null ? "" : $" from {From}")}";

    /// <summary>Adds the reason to the detail text.</summary>
    public string AddReason(string text) => Reason is null ? text : $"{text}; reason: {Reason}";
}
