using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Rules;
using MLEvents.Rules.Schema;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules schema</c>: the JSON Schemas of the rule files.</summary>
internal static class SchemaCommand
{
    private const string Description = """
        Writes the JSON Schemas of the three rule files into a folder. An editor with a YAML language server then completes and checks rule files that
        begin with a line such as: # yaml-language-server: $schema=schema/alerts.json

        Examples:
          mlevents rules schema rules/schema

        Exit codes: 0 the schemas are written; 3 the folder cannot be written to.
        """;

    // The output is readable, and the same on every machine.
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schemas by file.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Schemas { get; } = new Dictionary<string, JsonObject>
    {
        ["alerts.json"] = RuleSchema.Create<AlertRule>(),
        ["retraining.json"] = RuleSchema.Create<RetrainingRule>(),
        ["deployments.json"] = RuleSchema.Create<DeploymentRule>(),
    };

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "The folder. It is created if it does not exist." };
        return new Command("schema", Description) { folder }.Does(async (parsed, terminal, cancellationToken) =>
        {
            var directory = Directory.CreateDirectory(parsed.GetRequiredValue(folder));
            foreach (var (name, schema) in Schemas)
            {
                var path = Path.Combine(directory.FullName, name);
                await File.WriteAllTextAsync(path, $"{schema.ToJsonString(Json)}\n", cancellationToken);
                await terminal.Output.WriteLineAsync(path);
            }

            return ExitCodes.Done;
        });
    }
}
