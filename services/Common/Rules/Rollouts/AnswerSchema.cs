using System.Text.Json;

using Json.Schema;

namespace MLEvents.Rules.Rollouts;

/// <summary>Validates answers of a deployment against a JSON schema.</summary>
public static class AnswerSchema
{
    /// <summary>The error in a schema; null if it is valid.</summary>
    /// <param name="schema">The schema as JSON text.</param>
    internal static string? FindError(string schema)
    {
        try
        {
            // A validation is needed, because only a validation resolves references.
            Evaluate(schema, "null");
            return null;
        }
        catch (Exception exception) when (IsOfSchema(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>The error in an answer; null if it is valid.</summary>
    /// <param name="schema">The schema as JSON text.</param>
    /// <param name="answer">The body of the answer.</param>
    public static string? FindFault(string schema, string answer)
    {
        try
        {
            return Evaluate(schema, answer) is { IsValid: false } results ? Describe(results) : null;
        }
        catch (JsonException)
        {
            return "the answer is not JSON, and the rule has a schema for it";
        }
        catch (Exception exception) when (IsOfSchema(exception))
        {
            return $"the schema cannot be applied to the answer: {exception.Message}";
        }
    }

    // Sets the dialect of schemas without $schema. Each call has a separate registry, because the shared registry refuses to build two schemas with the same $id.
    private static EvaluationResults Evaluate(string schema, string answer) => JsonSchema
        .FromText(schema, new BuildOptions { Dialect = Dialect.Draft202012, SchemaRegistry = new SchemaRegistry() })
        .Evaluate(JsonElement.Parse(answer), new EvaluationOptions { OutputFormat = OutputFormat.List });

    private static string Describe(EvaluationResults results)
    {
        var (place, text) = (results.Details ?? []).Append(results)
            .SelectMany(detail => (detail.Errors ?? new Dictionary<string, string>()).Values.Select(error => (Place: $"{detail.InstanceLocation}", error)))
            .FirstOrDefault(("", "it is not valid"));
        return $"the answer does not fit the schema: {(place.Length == 0 ? "the whole answer" : place)}: {text}";
    }

    private static bool IsOfSchema(Exception exception) => exception is JsonException or JsonSchemaException or RefResolutionException or ArgumentException or InvalidOperationException or NotSupportedException;
}
