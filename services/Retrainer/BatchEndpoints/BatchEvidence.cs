using Azure.Core;

using MLEvents.Events;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.BatchEndpoints;

/// <summary>Describes an invocation of a batch endpoint before it is sent, for approvals and dry runs.</summary>
internal static class BatchEvidence
{
    /// <summary>Returns the endpoint, its deployment and workspace, the experiment, the inputs and the outputs.</summary>
    public static IReadOnlyDictionary<string, string> Describe(BatchPlan plan)
    {
        var evidence = new Dictionary<string, string>
        {
            ["batchEndpoint"] = plan.Endpoint,
            ["deployment"] = plan.Deployment ?? "the endpoint's default",
            ["workspace"] = new ResourceIdentifier(plan.WorkspaceId).Name,
        };
        foreach (var (name, member) in ((string, string)[])[("inputs", "InputData"), ("outputs", "OutputData")])
        {
            if (plan.Invocation[member] is { } values)
            {
                evidence[name] = Redaction.Scrub(values.ToJsonString());
            }
        }

        if (plan.ExperimentName is { } experiment)
        {
            evidence["experimentName"] = experiment;
        }

        return evidence;
    }
}
