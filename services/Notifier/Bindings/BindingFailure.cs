using System.Globalization;
using System.Text.RegularExpressions;

using Grpc.Core;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Bindings;

/// <summary>Tells failures of a binding that pass from those that stay.</summary>
/// <remarks>Dapr answers nearly all of them with <c>Internal</c>, so its wording decides; what is not known is tried again.</remarks>
internal static partial class BindingFailure
{
    /// <summary>Answers of an HTTP target below 500 that ask for another attempt: request timeout, too early, too many requests.</summary>
    private static readonly int[] PassingStatuses = [408, 425, 429];

    private static readonly string[] Lasting = ["couldn't find output binding", "does not support operation", "operation field is missing"];

    // What Go and .NET say when there is nobody to connect to.
    private static readonly string[] NotBegun = ["connection refused", "no such host", "Error connecting to subchannel"];

    public static StepResult ToResult(Status status) =>
        IsLasting(status) ? new Failed { Detail = status.Detail } : new Retry { Detail = status.Detail };

    /// <summary>Whether the target may have taken a call that failed: it was not refused, and not cut off before it left.</summary>
    public static bool IsUnanswered(Status status) =>
        !AnsweredPattern().IsMatch(status.Detail) && !NotBegun.Any(words => status.Detail.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static bool IsLasting(Status status) =>
        status.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.Unimplemented or StatusCode.PermissionDenied or StatusCode.Unauthenticated
        || Lasting.Any(words => status.Detail.Contains(words, StringComparison.Ordinal))
        || (AnsweredPattern().Match(status.Detail) is { Success: true } answer && IsLasting(int.Parse(answer.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));

    private static bool IsLasting(int status) => status is >= 400 and < 500 && !PassingStatuses.Contains(status);

    // What bindings.http says of an answer that is no success.
    [GeneratedRegex(@"received status code (\d{3})\b")]
    private static partial Regex AnsweredPattern();
}
