using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Which actions a retry or cancellation of many is about.</summary>
/// <param name="Operation">retry, retry-with-rules or cancel.</param>
/// <param name="Status">The status; empty for all that the operation applies to.</param>
/// <param name="Service">The service; empty for all.</param>
/// <param name="Rule">The rule; empty for all.</param>
internal sealed record BulkFilter(string Operation, string Status, string Service, string Rule)
{
    /// <summary>The largest number of actions of a run.</summary>
    public const int MaxActions = 1000;

    /// <summary>The name of the operation that restarts failed actions with their stored plans.</summary>
    public const string Retry = "retry";

    /// <summary>The name of the operation that plans failed actions again, with the rules in force, and restarts them.</summary>
    public const string RetryWithRules = "retry-with-rules";

    /// <summary>The name of the operation that ends unfinished actions.</summary>
    public const string Cancel = "cancel";

    /// <summary>Reads the fields of a form; null if the operation is unknown or does not apply to the status.</summary>
    public static BulkFilter? Read(string? operation, string? status, string? service, string? rule)
    {
        var filter = new BulkFilter(operation ?? "", status?.Trim() ?? "", service?.Trim() ?? "", rule?.Trim() ?? "");
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
        Limit = MaxActions,
    };

    /// <summary>An operation on so many actions, for people, for instance "Retry 3 actions with the rules in force".</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="count">The number of actions.</param>
    public static string Describe(string operation, int count) =>
        $"{(operation == Cancel ? "Cancel" : "Retry")} {count.ToString(System.Globalization.CultureInfo.InvariantCulture)} {(count == 1 ? "action" : "actions")}{(operation == RetryWithRules ? " with the rules in force" : "")}";

    /// <summary>The filter for people.</summary>
    public override string ToString() => string.Join(", ", new[] { $"status {(Status.Length > 0 ? Status : string.Join(" or ", Applicable))}", Service.Length > 0 ? $"service {Service}" : null, Rule.Length > 0 ? $"rule {Rule}" : null }.OfType<string>());
}
