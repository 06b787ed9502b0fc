using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

/// <summary>Rules and events for the tests.</summary>
internal static class Sample
{
    public const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    /// <summary>The folder of the repository's sample rules.</summary>
    public static string Rules => Repository.PathOf("rules");

    /// <summary>An event in Event Grid's schema.</summary>
    public static string Event(string type, string data, string id = "e-1") => $$"""
        {"id":"{{id}}","topic":"{{Workspace}}","eventType":"Microsoft.MachineLearningServices.{{type}}","subject":"s/{{id}}","eventTime":"2026-03-04T05:06:07Z","dataVersion":"1","data":{{data}}}
        """.Trim();

    /// <summary>Writes an <c>alerts.yaml</c> with one rule that forwards events.</summary>
    /// <returns>The folder.</returns>
    public static string Alert(TempFolder folder, string when, string name = "one", string under = "rules")
    {
        folder.Write($"{under}/alerts.yaml", $"alerts:\n  - name: {name}\n    when: {when}\n    send: {{ channel: archive, forward: true }}\n");
        return Path.Combine(folder.Path, under);
    }
}
