using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Site;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Selects the actions of a bulk retry or cancellation.</summary>
/// <param name="Operation">retry, retry-with-rules or cancel.</param>
/// <param name="Status">The status; empty for all statuses to which the operation applies.</param>
/// <param name="Service">The service; empty for all.</param>
/// <param name="Rule">The rule; empty for all.</param>
internal sealed record BulkFilter(string Operation, string Status, string Service, string Rule)
{
    /// <summary>The largest number of actions of one bulk run.</summary>
    public const int MaxActions = 1000;

    /// <summary>The name of the operation that restarts failed actions with their stored plans.</summary>
    public const string Retry = "retry";

    /// <summary>The name of the operation that plans failed actions again, with the rules in force, and restarts them.</summary>
    public const string RetryWithRules = "retry-with-rules";

    /// <summary>The name of the operation that ends unfinished actions.</summary>
    public const string Cancel = "cancel";

    /// <summary>The string that the details contain, in any letter case; empty for all.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Selects the actions whose latest change is not before this time; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Reads the fields of a form; null if the operation is unknown or does not apply to the status, or if the time is not valid.</summary>
    public static BulkFilter? Read(BulkForm form)
    {
        if (!QueryTime.TryRead(form.Since, out var since))
        {
            return null;
        }

        var filter = new BulkFilter(form.Operation ?? "", form.Status?.Trim() ?? "", form.Service?.Trim() ?? "", form.Rule?.Trim() ?? "") { Detail = form.Detail?.Trim() ?? "", Since = since };
        return filter.Applicable.Contains(filter.Status) || (filter.Status.Length == 0 && filter.Applicable.Count > 0) ? filter : null;
    }

    /// <summary>The statuses to which the operation applies.</summary>
    public IReadOnlyList<string> Applicable => Operation switch { Retry or RetryWithRules => ["failed"], Cancel => ActionStatuses.Unfinished, _ => [] };

    /// <summary>The search for the actions.</summary>
    public ActionSearch ToSearch() => new()
    {
        Statuses = Status.Length > 0 ? [Status] : Applicable,
        Service = Service,
        Rule = Rule,
        Detail = Detail,
        Since = Since,
        Limit = MaxActions,
    };

    /// <summary>Describes an operation on a number of actions, for people, for instance "Retry 3 actions with the rules in force".</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="count">The number of actions.</param>
    public static string Describe(string operation, int count) =>
        $"{(operation == Cancel ? "Cancel" : "Retry")} {count.ToString(System.Globalization.CultureInfo.InvariantCulture)} {(count == 1 ? "action" : "actions")}{(operation == RetryWithRules ? " with the rules in force" : "")}";

    /// <summary>The address of the page that previews an operation on the selected actions.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="changed">Whether the number of actions has changed since the user saw the preview.</param>
    /// <param name="message">The reason why the operation was not started, for the user; null for none.</param>
    public string AddressFor(string operation, bool changed = false, string? message = null) => QueryText.Build(
        "/bulk", ("operation", operation), ("status", Status), ("service", Service), ("rule", Rule), ("detail", Detail), ("since", SinceText), ("changed", changed ? "true" : null), ("message", message));

    /// <summary>The value of <see cref="Since"/> for a form field; empty for none.</summary>
    public string SinceText => Since is { } since ? QueryTime.Write(since) : "";

    /// <summary>Describes the filter for people.</summary>
    public override string ToString() => string.Join(", ", new[] { $"status {(Status.Length > 0 ? Status : string.Join(" or ", Applicable))}", Service.Length > 0 ? $"service {Service}" : null, Rule.Length > 0 ? $"rule {Rule}" : null, Detail.Length > 0 ? $"detail contains '{Detail}'" : null, Since is null ? null : $"changed since {SinceText} UTC" }.OfType<string>());
}
