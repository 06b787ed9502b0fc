using System.Text;
using System.Text.Json;

using MLEvents.Dashboard.Comparing;
using MLEvents.Rules.Conditions;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Compares the verdicts of an earlier and the current version of a rule for an event: the outcome, each clause of the condition, and the planned action.</summary>
internal static class VerdictDiff
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the lines of both verdicts, with the differences marked; empty if the verdicts are equal.</summary>
    /// <param name="then">The verdict of the earlier rule; null if there was no rule of this name.</param>
    /// <param name="today">The verdict of the current rule; null if there is no rule of this name.</param>
    public static IReadOnlyList<DiffLine> Compare(RuleVerdict? then, RuleVerdict? today)
    {
        var lines = LineDiff.Compare(Write(then), Write(today));
        return lines.All(line => line.Kind == DiffKind.Common) ? [] : lines;
    }

    private static string Write(RuleVerdict? verdict)
    {
        if (verdict is null)
        {
            return "";
        }

        var text = new StringBuilder($"outcome: {verdict.Outcome}\n");
        AddClause(text, verdict.Why, "");
        text.Append(verdict.DeduplicationKey is { } key ? $"deduplication key: {key}\n" : "");
        text.Append(verdict.Fault is { } fault ? $"fault: {fault}\n" : "");
        return text.Append(verdict.Action is { } action ? $"action: {action.ToJsonString(Indented)}\n" : "").ToString();
    }

    private static void AddClause(StringBuilder text, Explanation clause, string indent)
    {
        text.Append(indent).Append(clause.Matched ? "yes " : "no ").Append(clause.What).Append(": ").Append(clause.Why).Append('\n');
        foreach (var part in clause.Parts)
        {
            AddClause(text, part, indent + "  ");
        }
    }
}
