using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Execution;

/// <summary>Ends the action of a rule with <c>dryRun</c> before its first step, and reports the work that the action would do.</summary>
internal static class DryRun
{
    /// <summary>The result of a dry run; null for any other action.</summary>
    public static StepResult? Report(IPlanning planning, ActionRecord record)
    {
        if (!record.IsDryRun)
        {
            return null;
        }

        var evidence = planning.DescribeEvidence(record);
        var what = evidence.Count == 0 ? "the plan in the record" : string.Join(", ", evidence.Select(part => $"{part.Key}: {part.Value}"));
        return new Skipped { Detail = $"dry run: nothing was changed; the action would execute {what}", State = new Dictionary<string, string>(evidence) { ["dryRun"] = "true" } };
    }
}
