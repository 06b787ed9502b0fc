using System.Globalization;
using System.Text;

using Dapr.Client;

using MLEvents.Events;
using MLEvents.Ledger;

namespace MLEvents.Notifier.Bindings;

/// <summary>Asks the binding to return the answer of an HTTP target, and reads this answer.</summary>
/// <remarks>By default, the binding returns an error instead of an answer outside 2xx. The error contains no headers, so a Retry-After header would be lost.</remarks>
internal static class WebhookAnswer
{
    private const string ErrorKey = "errorIfNot2XX";
    private const string StatusKey = "statusCode";
    private const string RetryAfterKey = "Retry-After";

    // Some bindings store unknown metadata with the data. The metadata is therefore added only for these operations, which only bindings.http has.
    private static readonly string[] HttpOperations = ["post", "put", "patch"];

    /// <summary>Sets <c>errorIfNot2XX</c> to false, so that the binding returns an answer outside 2xx instead of an error. A value in the rule takes precedence.</summary>
    public static void Ask(BindingRequest request)
    {
        if (HttpOperations.Contains(request.Operation, StringComparer.Ordinal))
        {
            request.Metadata.TryAdd(ErrorKey, "false");
        }
    }

    /// <summary>The result of a call that the target refused; null if the target accepted the call, or the binding reports no status.</summary>
    public static StepResult? FindRefusal(string binding, BindingResponse response, TimeProvider time)
    {
        if (!int.TryParse(Read(response, StatusKey), NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is >= 200 and < 300)
        {
            return null;
        }

        var text = DisplayText.Shorten(Encoding.UTF8.GetString(response.Data.Span).Trim());
        var detail = string.Create(CultureInfo.InvariantCulture, $"the target of binding {binding} answered {status}{(response.Data.Length == 0 ? "" : $": {text}")}");
        return status is 401 or 403 ? BindingFailure.RefuseCredential(binding, detail)
            : BindingFailure.IsPermanent(status) ? new Failed { Detail = detail }
            : new Retry(ReadRetryAfter(response, time)) { Detail = detail };
    }

    // RFC 9110, section 10.2.3: the value is a number of seconds or a date.
    private static TimeSpan? ReadRetryAfter(BindingResponse response, TimeProvider time) => Read(response, RetryAfterKey) switch
    {
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => TimeSpan.FromSeconds(seconds),
        { } text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };

    private static string? Read(BindingResponse response, string key) => response.Metadata.FirstOrDefault(entry => entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;
}
