using Azure.Core;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.Jobs;

/// <summary>Describes a job before it starts, for approvals and dry runs.</summary>
internal static class JobEvidence
{
    /// <summary>Returns the job's name, workspace, type, display name, experiment and inputs.</summary>
    public static IReadOnlyDictionary<string, string> Describe(ActionRecord record, JobPlan plan)
    {
        var evidence = new Dictionary<string, string> { ["job"] = JobSteps.NameOf(record), ["workspace"] = new ResourceIdentifier(plan.WorkspaceId).Name };
        foreach (var name in (string[])["jobType", "displayName", "experimentName", "inputs"])
        {
            if (plan.Job[name] is { } value)
            {
                evidence[name] = Redaction.Scrub(value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString());
            }
        }

        return evidence;
    }
}
