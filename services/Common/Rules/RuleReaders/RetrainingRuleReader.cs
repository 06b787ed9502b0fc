using MLEvents.Rules.Jobs;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads a rule of <c>retraining.yaml</c>.</summary>
internal static class RetrainingRuleReader
{
    private const string JobKey = "job";
    private const string PipelineJob = "pipelineJob";
    private const string DataFactory = "dataFactory";

    /// <summary>Reads a rule.</summary>
    public static RetrainingRule? Read(MapReader keys)
    {
        var head = RuleHeaderReader.Read(keys);
        var run = keys.RequiredChild("run") is { } child ? Run(child) : null;
        var retry = RetryPolicyReader.Read(keys);
        var timeout = keys.OptionalDuration("timeout", TimeSpan.FromMinutes(1), TimeSpan.FromDays(90));
        var limits = RunLimitReader.Read(keys);
        var approval = ApprovalReader.Read(keys, ApprovalPoint.Start);
        return head is null || run is null
            ? null
            : new RetrainingRule
            {
                Name = head.Name,
                Enabled = head.Enabled,
                DryRun = head.DryRun,
                Once = head.Once,
                When = head.When,
                Line = head.Line,
                Run = run,
                Retry = retry,
                Timeout = timeout,
                Limits = limits,
                Approval = approval,
            };
    }

    private static RetrainingRun? Run(MapReader keys)
    {
        var run = (keys.Scalar(JobKey), keys.Scalar(PipelineJob), keys.Scalar(DataFactory), keys.Scalar(BatchRunReader.Key)) switch
        {
            ({ } file, null, null, null) => Job(keys, file, JobFile.Read),
            (null, { } file, null, null) => Job(keys, file, JobFile.ReadPipelineProperties),
            (null, null, { } id, null) => Pipeline(keys, id),
            (null, null, null, { } endpoint) => BatchRunReader.Read(keys, endpoint, WorkspaceReader.Read(keys)),
            _ => ExactlyOne(keys),
        };
        keys.RejectUnreadKeys();
        return run;
    }

    private static RetrainingRun? ExactlyOne(MapReader keys)
    {
        keys.Reading.Add(keys.Map, $"'run' needs exactly one of '{JobKey}', '{PipelineJob}', '{DataFactory}' and '{BatchRunReader.Key}'");
        Job(keys, null, JobFile.Read);
        Pipeline(keys, null);
        BatchRunReader.Read(keys, null, null);
        return null;
    }

    private static JobRun? Job(MapReader keys, YamlText? file, Func<YamlText, RuleParseContext, JobDefinition?> read)
    {
        var workspace = WorkspaceReader.Read(keys);
        var inputs = keys.Templates("inputs");
        var tags = keys.Templates("tags");
        var (experiment, display) = (keys.Argument("experimentName"), keys.Argument("displayName"));
        if (file is null || read(file, keys.Reading) is not { } job)
        {
            return null;
        }

        CheckInputs(keys, job, inputs);
        return new JobRun(job) { File = file.Value, Workspace = workspace, Inputs = inputs, Tags = tags, ExperimentName = experiment, DisplayName = display };
    }

    // Constant values are checked here. Other values are checked when they are rendered.
    private static void CheckInputs(MapReader keys, JobDefinition job, IReadOnlyDictionary<string, Template> inputs)
    {
        foreach (var (name, value) in (keys.Node("inputs") as YamlMap)?.Entries ?? [])
        {
            if (JobInputs.CheckName(job, name.Value) is { } unknown)
            {
                keys.Reading.Add(name, unknown);
            }
            else if (inputs.GetValueOrDefault(name.Value) is { IsConstant: true } constant && JobInputs.Check(job, name.Value, constant.Source.Trim()) is { } error)
            {
                keys.Reading.Add(value, error);
            }
        }
    }

    private static DataFactoryRun? Pipeline(MapReader keys, YamlText? id)
    {
        var workspace = WorkspaceReader.Read(keys);
        var parameters = keys.Each("parameters", KeyShape.Anything, (_, node) => ValueTemplate.Parse(node, keys.Reading));
        if (id is null)
        {
            return null;
        }

        if (Parts(id.Value) is not [var subscription, var group, var factory, var pipeline])
        {
            keys.Reading.Add(id, $"'{DataFactory}' must be the ARM id of a pipeline: /subscriptions/…/resourceGroups/…/providers/Microsoft.DataFactory/factories/…/pipelines/…");
            return null;
        }

        return new DataFactoryRun
        {
            PipelineId = id.Value,
            SubscriptionId = subscription,
            ResourceGroup = group,
            Factory = factory,
            Pipeline = pipeline,
            Parameters = parameters,
            Workspace = workspace,
        };
    }

    // ARM ignores the case of segment names.
    private static string[] Parts(string id)
    {
        string[] expected = ["", "subscriptions", "", "resourceGroups", "", "providers", "Microsoft.DataFactory", "factories", "", "pipelines", ""];
        var segments = id.Split('/');
        return segments.Length == expected.Length && segments[0].Length == 0
            && segments.Zip(expected).Skip(1).All(pair => pair.Second.Length == 0 ? pair.First.Length > 0 : pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase))
                ? [segments[2], segments[4], segments[8], segments[10]]
                : [];
    }
}
