using System.Globalization;
using System.Text.RegularExpressions;

using Grpc.Core;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Bindings;

/// <summary>Separates temporary failures of a binding from permanent ones.</summary>
/// <remarks>Dapr reports nearly all failures as <c>Internal</c>, so the text of the error decides. An unknown failure is retried.</remarks>
internal static partial class BindingFailure
{
    /// <summary>The status codes below 500 of an HTTP target that report a temporary failure: request timeout, too early, too many requests.</summary>
    private static readonly int[] TemporaryStatuses = [408, 425, 429];

    // The messages of Go, .NET and Azure Blob Storage for an impossible file name. The name comes from a template, and a retry would render the same name.
    private static readonly string[] ImpossibleNames =
        ["file name too long", "a component of the specified path is too long", "Null character in path", "is a directory", "InvalidResourceName", "InvalidUri", "OutOfRangeInput"];

    private static readonly string[] Permanent = ["couldn't find output binding", "does not support operation", "operation field is missing", .. ImpossibleNames];

    // The messages of Go and .NET for a call that made no connection.
    private static readonly string[] NotConnected = ["connection refused", "no such host", "Error connecting to subchannel"];

    /// <summary>The result of a failed call.</summary>
    /// <param name="binding">The name of the binding's component.</param>
    /// <param name="status">The sidecar's answer.</param>
    public static StepResult ToResult(string binding, Status status) =>
        IsCredentialRefused(status) ? RefuseCredential(binding, status.Detail)
        : IsPermanent(status) ? new Failed { Detail = status.Detail } : new Retry { Detail = status.Detail };

    /// <summary>Whether the target may have received a failed call: a connection was made, but the target did not answer.</summary>
    public static bool IsUnanswered(Status status) =>
        !AnsweredPattern().IsMatch(status.Detail) && !NotConnected.Any(words => status.Detail.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>The key of a binding's credential in the results of actions.</summary>
    public static string KeyOf(string binding) => $"binding {binding}";

    /// <summary>The result of a call whose credential the target refused.</summary>
    public static CredentialRefused RefuseCredential(string binding, string detail) => new(KeyOf(binding), $"the credential of the Dapr component '{binding}'") { Detail = detail };

    /// <summary>Whether a further attempt would get the same answer from an HTTP target.</summary>
    public static bool IsPermanent(int status) => status is >= 400 and < 500 && !TemporaryStatuses.Contains(status);

    private static bool IsCredentialRefused(Status status) =>
        status.StatusCode is StatusCode.PermissionDenied or StatusCode.Unauthenticated || CredentialPattern().IsMatch(status.Detail);

    private static bool IsPermanent(Status status) =>
        status.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.Unimplemented
        || Permanent.Any(words => status.Detail.Contains(words, StringComparison.Ordinal))
        || (AnsweredPattern().Match(status.Detail) is { Success: true } answer && IsPermanent(int.Parse(answer.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));

    // The messages of bindings.http, and of the Azure SDK for Go in Azure's bindings, for 401 and 403.
    [GeneratedRegex(@"(received status code|RESPONSE) (401|403)\b")]
    private static partial Regex CredentialPattern();

    // The message of bindings.http for an answer outside 2xx.
    [GeneratedRegex(@"received status code (\d{3})\b")]
    private static partial Regex AnsweredPattern();
}
