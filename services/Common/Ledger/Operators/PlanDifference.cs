using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Ledger.Operators;

/// <summary>The difference between the stored plan of an action and the plan of the rules in force for its event.</summary>
/// <param name="Outcome"><c>same</c>, <c>changed</c> or <c>refused</c>. Refused: the rules in force do not request the action, or cannot be evaluated.</param>
/// <param name="RuleVersion">The version of the rules in force; null if refused.</param>
/// <param name="Changes">The differences in the plan, the limits, the approval and the dry run: the path of each value with the stored and the new value, 20 at most.</param>
/// <param name="Refusal">The reason why a retry with the rules in force would be refused; null if it would be accepted.</param>
internal sealed record PlanDifference(string Outcome, string? RuleVersion, IReadOnlyList<string> Changes, string? Refusal)
{
    private const int MaxChanges = 20;
    private const string Absent = "(absent)";

    /// <summary>Compares a stored action with the one that the rules in force plan.</summary>
    public static PlanDifference Compare(ActionRecord stored, ActionRecord planned)
    {
        var (before, after) = (Flatten(stored), Flatten(planned));
        var changes = before.Keys.Union(after.Keys)
            .Select(place => (Place: place, Before: before.GetValueOrDefault(place, Absent), After: after.GetValueOrDefault(place, Absent)))
            .Where(value => value.Before != value.After)
            .Select(value => $"{value.Place}: {DisplayText.Shorten(value.Before)} -> {DisplayText.Shorten(value.After)}")
            .ToList();
        return new(changes.Count == 0 ? "same" : "changed", planned.RuleVersion, [.. changes.Take(MaxChanges)], null);
    }

    /// <summary>The result if the rules in force do not request the action, or cannot be evaluated.</summary>
    public static PlanDifference Refuse(string refusal) => new("refused", null, [], refusal);

    private static SortedDictionary<string, string> Flatten(ActionRecord record)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(record.Plan, "plan", values);
        Add(JsonSerializer.SerializeToElement(record.Limits, LedgerJson.Default.IReadOnlyListLimit), "limits", values);
        Add(JsonSerializer.SerializeToElement(record.Approval, LedgerJson.Default.Approval), "approval", values);
        values["dryRun"] = record.IsDryRun ? "true" : "false";
        return values;
    }

    private static void Add(JsonElement value, string place, SortedDictionary<string, string> values)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Add(member.Value, $"{place}.{member.Name}", values);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    Add(item, $"{place}[{index}]", values);
                }

                break;
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            default:
                values[place] = value.ToString();
                break;
        }
    }
}
