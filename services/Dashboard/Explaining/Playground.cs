using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Events;
using MLEvents.Rules;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Evaluates the rules and the event that a user edits. It starts no actions.</summary>
internal static class Playground
{
    /// <summary>The event that the page shows first.</summary>
    public const string SampleEvent = """
        {
          "specversion": "1.0",
          "id": "sample-1",
          "source": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local",
          "type": "Microsoft.MachineLearningServices.RunStatusChanged",
          "subject": "experiments/churn/runs/sample-1",
          "time": "2026-11-01T12:00:00Z",
          "data": { "experimentName": "churn", "runId": "sample-1", "runStatus": "Failed" }
        }
        """;

    // In characters. The services refuse rule files of more than 256 KiB.
    private const int MaxLength = 256 * 1024;

    /// <summary>The service that uses a rule file.</summary>
    public static string ServiceOf(string file) => file switch { "retraining.yaml" => "retrainer", "deployments.yaml" => "deployer", _ => "notifier" };

    /// <summary>Evaluates the rules for the event.</summary>
    /// <param name="input">The rule file and the event.</param>
    /// <param name="inForce">The files of the rules in force. The edited rules may refer to the templates and job files among them.</param>
    public static PlaygroundResult Evaluate(PlaygroundInput input, IReadOnlyList<StoredRuleFile> inForce)
    {
        if (input.Rules.Length > MaxLength || input.Event.Length > MaxLength)
        {
            return new([], $"The rules and the event may have at most {MaxLength} characters each.");
        }

        try
        {
            using var document = JsonDocument.Parse(input.Event, JsonLimits.Document);
            if (!WorkflowEvent.TryRead(document.RootElement, out var workflowEvent, out var error))
            {
                return new([], $"The event cannot be read: {error}");
            }

            var files = inForce.ToDictionary(file => file.Path, file => file.Content);
            files[input.File] = input.Rules.ReplaceLineEndings("\n");
            return new(EventExplainer.Evaluate(StoredRuleReader.Read(files), workflowEvent, []), "");
        }
        catch (JsonException exception)
        {
            return new([], $"The event is not JSON: {exception.Message}");
        }
        catch (RuleFileException exception)
        {
            return new([], exception.Message);
        }
    }
}

/// <summary>The rule file and the event that a user edits.</summary>
internal sealed record PlaygroundInput(string File, string Rules, string Event);

/// <summary>The verdict of each rule, or the reason why the rules cannot be evaluated.</summary>
internal sealed record PlaygroundResult(IReadOnlyList<(string Rule, RuleVerdict Verdict)> Verdicts, string Error);
