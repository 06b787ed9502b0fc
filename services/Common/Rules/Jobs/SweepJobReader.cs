using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates a sweep job.</summary>
internal static class SweepJobReader
{
    private static readonly Dictionary<string, string> Algorithms = new() { ["random"] = "Random", ["grid"] = "Grid", ["bayesian"] = "Bayesian" };

    private static readonly Dictionary<string, string> Rules = new() { ["random"] = "Random", ["sobol"] = "Sobol" };

    private static readonly Dictionary<string, string> Goals = new() { ["minimize"] = "Minimize", ["maximize"] = "Maximize" };

    private static readonly Dictionary<string, string> Policies = new()
    {
        ["bandit"] = "Bandit",
        ["median_stopping"] = "MedianStopping",
        ["truncation_selection"] = "TruncationSelection",
    };

    /// <summary>Reads a sweep job.</summary>
    public static JobDefinition Read(MapReader keys)
    {
        var literals = new Dictionary<string, LiteralType>();
        var body = new JsonObject { ["jobType"] = "Sweep" };
        JobSettings.ReadCommon(keys, body);
        body.Put("trial", Trial(keys));
        body.Put("samplingAlgorithm", Sampling(keys));
        body.Put("searchSpace", SearchSpaceReader.Read(keys));
        body.Put("objective", Objective(keys));
        body.Put("earlyTermination", EarlyTermination(keys));
        body.Put("limits", Limits(keys));
        body.Put("inputs", JobInputReader.ForJobs.Read(keys, literals));
        body.Put("outputs", JobOutputReader.ReadJob(keys));
        body.Put("queueSettings", JobSettings.Queue(keys));
        body.Put("resources", JobSettings.Resources(keys));
        return new JobDefinition(body) { Literals = literals, IsClosed = true };
    }

    private static JsonObject? Trial(MapReader keys)
    {
        if (keys.Required("trial") is YamlText file)
        {
            keys.Reading.Add(file, "a trial in a separate file is not read; write the trial into the job file");
            return null;
        }

        return JobSettings.Part(keys, "trial", CommandJobReader.ReadCommand);
    }

    private static JsonObject? Objective(MapReader keys)
    {
        keys.Required("objective");
        return JobSettings.Part(keys, "objective", (objective, body) =>
        {
            objective.Required("goal");
            body.Put("goal", objective.Word("goal", Goals));
            body.Put("primaryMetric", objective.RequiredScalar("primary_metric")?.Value);
        });
    }

    private static JsonObject? Sampling(MapReader keys)
    {
        keys.Required("sampling_algorithm");
        if (keys.Node("sampling_algorithm") is not YamlMap)
        {
            return keys.Word("sampling_algorithm", Algorithms) is { } name ? new JsonObject { ["samplingAlgorithmType"] = name } : null;
        }

        return JobSettings.Part(keys, "sampling_algorithm", (sampling, body) =>
        {
            sampling.Required("type");
            body.Put("samplingAlgorithmType", sampling.Word("type", Algorithms));
            body.Put("rule", sampling.Word("rule", Rules));
            body.Put("seed", sampling.Count("seed"));
        });
    }

    private static JsonObject? EarlyTermination(MapReader keys) => JobSettings.Part(keys, "early_termination", (policy, body) =>
    {
        policy.Required("type");
        body.Put("policyType", policy.Word("type", Policies));
        body.Put("evaluationInterval", policy.Count("evaluation_interval"));
        body.Put("delayEvaluation", policy.Count("delay_evaluation"));
        body.Put("slackFactor", policy.Number("slack_factor"));
        body.Put("slackAmount", policy.Number("slack_amount"));
        body.Put("truncationPercentage", policy.Count("truncation_percentage"));
    });

    private static JsonObject? Limits(MapReader keys) => JobSettings.Part(keys, "limits", (limits, body) =>
    {
        body["jobLimitsType"] = "Sweep";
        body.Put("maxTotalTrials", limits.Count("max_total_trials"));
        body.Put("maxConcurrentTrials", limits.Count("max_concurrent_trials"));
        body.Put("timeout", limits.Seconds("timeout"));
        body.Put("trialTimeout", limits.Seconds("trial_timeout"));
    });
}
