using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Jobs;

/// <summary>Sets the inputs of a job to the values from a rule. A declared input keeps its type and its mode.</summary>
internal static class JobInputs
{
    /// <summary>Sets an input.</summary>
    /// <param name="job">The job as it is submitted.</param>
    /// <param name="definition">The job as its file declares it.</param>
    /// <param name="name">The input.</param>
    /// <param name="value">The rendered value.</param>
    /// <returns>The reason why the input cannot have the value; null if it was set.</returns>
    public static string? Set(JsonObject job, JobDefinition definition, string name, string value)
    {
        var (written, error) = Value(definition, name, value);
        if (error is not null)
        {
            return error;
        }

        if (job["inputs"] is not JsonObject inputs)
        {
            job["inputs"] = inputs = [];
        }

        if (inputs[name] is not JsonObject input)
        {
            inputs[name] = input = new JsonObject { ["jobInputType"] = JobLiteral.InputType };
        }

        input[IsLiteral(definition, name) ? "value" : "uri"] = written;
        return null;
    }

    /// <summary>The reason why a rule cannot set an input to a value; null if the rule can set it.</summary>
    public static string? Check(JobDefinition definition, string name, string value) => Value(definition, name, value).Error;

    /// <summary>The reason why a rule cannot set an input; null if the rule can set it.</summary>
    public static string? CheckName(JobDefinition definition, string name)
    {
        if (!definition.IsClosed || definition.TypeOf(name) is not null)
        {
            return null;
        }

        var declared = (definition.Properties["inputs"] as JsonObject)?.Select(input => input.Key).ToList() ?? [];
        return declared.Count == 0 ? $"the job declares no input '{name}', and no inputs at all" : $"the job declares no input '{name}'; declared: {string.Join(", ", declared)}{Suggestion.Hint(name, declared)}";
    }

    private static (string? Written, string? Error) Value(JobDefinition definition, string name, string value)
    {
        if (!IsLiteral(definition, name))
        {
            var type = definition.TypeOf(name) ?? "";
            var uri = AssetReference.Data(value, type, out var refusal);
            return (uri, refusal is null ? null : $"the input '{name}' of the job is a {type}: {refusal}");
        }

        var literal = definition.Literals.GetValueOrDefault(name);
        var text = JobLiteral.Write(value, literal);
        return (text, text is null ? $"the input '{name}' of the job must be {JobLiteral.Describe(literal)}, not '{value}'" : null);
    }

    private static bool IsLiteral(JobDefinition definition, string name) => definition.TypeOf(name) is null or JobLiteral.InputType;
}
