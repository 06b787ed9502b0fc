using MLEvents.Rules.Jobs;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>An invocation of a batch endpoint, which creates a job.</summary>
public sealed record BatchEndpointRun : RetrainingRun
{
    /// <summary>The endpoint.</summary>
    public required Template Endpoint { get; init; }

    /// <summary>The deployment that creates the job; null for the endpoint's default deployment.</summary>
    public Template? Deployment { get; init; }

    /// <summary>The job's experiment; null for the experiment of the endpoint.</summary>
    public Template? ExperimentName { get; init; }

    /// <summary>
    /// The name of a string input of the pipeline component. The input receives the id of the run. Null if the component has no such input.
    /// The retrainer uses this input to find the job of an invocation whose response was lost.
    /// </summary>
    public string? ActionInput { get; init; }

    /// <summary>The inputs by name.</summary>
    internal IReadOnlyDictionary<string, BatchValue> Inputs { get; init; } = new Dictionary<string, BatchValue>();

    /// <summary>The outputs by name.</summary>
    internal IReadOnlyDictionary<string, BatchValue> Outputs { get; init; } = new Dictionary<string, BatchValue>();
}

/// <summary>An input or an output of an invocation.</summary>
/// <param name="Type">The type in a job file, such as <c>uri_folder</c>; null for a literal.</param>
/// <param name="Literal">The type of a literal.</param>
/// <param name="Value">The value of a literal, or the path of data.</param>
internal sealed record BatchValue(string? Type, LiteralType Literal, Template Value)
{
    /// <summary>The rendered value in the form of the REST API; null if it is not valid for the type.</summary>
    /// <param name="name">The input or output.</param>
    /// <param name="rendered">The rendered value.</param>
    /// <param name="error">The error; null if the value is valid.</param>
    public string? Write(string name, string rendered, out string? error)
    {
        if (Type is not null)
        {
            var uri = AssetReference.Data(rendered, Type, out var refusal);
            error = refusal is null ? null : $"'{name}' is a {Type}: {refusal}";
            return uri;
        }

        var text = JobLiteral.Write(rendered, Literal);
        error = text is null ? $"'{name}' must be {JobLiteral.Describe(Literal)}, not '{rendered}'" : null;
        return text;
    }
}
