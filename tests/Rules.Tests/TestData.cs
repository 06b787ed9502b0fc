using System.Text.Json;

using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>Events, and conditions from YAML.</summary>
internal static class TestData
{
    public const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    /// <summary>The id of the workspace, in the form that links to the studio contain.</summary>
    public const string ShortWorkspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/ml-local/workspaces/ml-local";

    public static WorkflowEvent Event(string data = "{}", string type = EventTypes.RunCompleted, string subject = "experiments/e/runs/r", string extensions = "")
    {
        var envelope = $$"""
            {"specversion":"1.0","id":"event-1","source":"{{Workspace}}","type":"{{type}}","time":"2026-03-04T05:06:07Z",{{extensions}}
             "subject":{{JsonSerializer.Serialize(subject)}},"data":{{data}}}
            """;
        using var document = JsonDocument.Parse(envelope);
        return WorkflowEvent.TryRead(document.RootElement, out var result, out var error) ? result : throw new InvalidOperationException(error);
    }

    /// <summary>Returns the condition of a rule with the given YAML in <c>when</c>.</summary>
    public static Condition Condition(string yaml) => RuleOf(yaml).When;

    private static AlertRule RuleOf(string yaml)
    {
        using var folder = new TempFolder();
        var indented = string.Join('\n', yaml.Split('\n').Select(line => "      " + line));
        var file = folder.Write("alerts.yaml", $"alerts:\n  - name: rule\n    when:\n{indented}\n    send: {{ channel: archive, forward: true }}\n");
        return RuleLoader.LoadAlerts(file).Rules.Single();
    }
}
