using MLEvents.Events;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads a <c>run</c> that invokes a batch endpoint.</summary>
internal static class BatchRunReader
{
    /// <summary>The key that names the endpoint.</summary>
    public const string Key = "batchEndpoint";

    private const string ActionInput = "actionInput";

    /// <summary>Reads the keys.</summary>
    /// <param name="keys">The mapping <c>run</c>.</param>
    /// <param name="endpoint">The value of <see cref="Key"/>; null if the mapping has none.</param>
    /// <param name="workspace">The workspace that the rule names.</param>
    public static BatchEndpointRun? Read(MapReader keys, YamlText? endpoint, Workspace? workspace)
    {
        var (deployment, experiment) = (keys.Argument("deployment"), keys.Argument("experimentName"));
        var (inputs, outputs) = (BatchValueReader.ReadInputs(keys), BatchValueReader.ReadOutputs(keys));
        var actionInput = ReadActionInput(keys, inputs);
        return endpoint is null || keys.Reading.Inline(endpoint, TemplateTarget.Argument) is not { } name
            ? null
            : new BatchEndpointRun
            {
                Endpoint = name,
                Deployment = deployment,
                ExperimentName = experiment,
                ActionInput = actionInput,
                Inputs = inputs,
                Outputs = outputs,
                Workspace = workspace,
            };
    }

    private static string? ReadActionInput(MapReader keys, IReadOnlyDictionary<string, BatchValue> inputs)
    {
        if (keys.Scalar(ActionInput) is not { } name)
        {
            return null;
        }

        BatchValueReader.CheckName(keys, name);
        if (inputs.ContainsKey(name.Value))
        {
            keys.Reading.Add(name, $"the input '{name.Value}' has a value already; remove the value or name another input, because the input in '{ActionInput}' receives the id of the run");
        }

        return name.Value;
    }
}
