using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Events;

namespace MLEvents.Dashboard.Bulk;

/// <summary>Asks the services how the plans of actions would differ with the rules in force. It changes nothing.</summary>
internal sealed class BulkComparison(OperatorApiClient services, TimeProvider time)
{
    private const string Unknown = "not known";

    // Limits the time until the page is shown.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(5);

    /// <summary>Compares actions. After five seconds, the remaining actions are not compared.</summary>
    /// <returns>The differences by service and rule, the most frequent first. Their counts add up to the number of compared actions, including those whose
    /// outcome is not known.</returns>
    public async Task<IReadOnlyList<BulkDifference>> ReadAsync(IReadOnlyList<StoredAction> actions, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (found, unreachable) = (new List<BulkDifference>(), new Dictionary<string, string>());
        foreach (var action in actions.TakeWhile(_ => time.GetElapsedTime(started) < MaxDuration))
        {
            if (unreachable.TryGetValue(action.Service, out var reason))
            {
                found.Add(new(action.Service, action.Rule, Unknown, [reason], 1));
                continue;
            }

            var answer = await services.SendAsync(action.Service, HttpMethod.Get, $"actions/{action.Id}/difference", cancellationToken);
            if (answer.AffectsAllActions)
            {
                unreachable[action.Service] = answer.Message;
            }

            found.Add(From(action, answer));
        }

        return [.. found.GroupBy(difference => (difference.Service, difference.Rule, difference.Outcome, string.Join('\n', difference.Details))).Select(group => group.First() with { Count = group.Count() }).OrderByDescending(difference => difference.Count)];
    }

    private static BulkDifference From(StoredAction action, ServiceAnswer answer)
    {
        if (!answer.IsSuccess)
        {
            return new(action.Service, action.Rule, Unknown, [answer.Message], 1);
        }

        var changes = JsonText.TryMember(answer.Body, "changes", out var listed) && listed.ValueKind == System.Text.Json.JsonValueKind.Array ? listed.EnumerateArray().Select(change => change.ToString()) : [];
        return new(action.Service, action.Rule, JsonText.Text(answer.Body, "outcome") ?? Unknown, [.. changes.Append(JsonText.Text(answer.Body, "refusal")).OfType<string>()], 1);
    }
}

/// <summary>A difference between the stored plans of some actions and the plans of the rules in force.</summary>
/// <param name="Service">The service.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">same, changed, refused or not known.</param>
/// <param name="Details">The changes, or the reason why a retry would be refused, or why the outcome is not known.</param>
/// <param name="Count">The number of actions.</param>
internal sealed record BulkDifference(string Service, string Rule, string Outcome, IReadOnlyList<string> Details, int Count);
