using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks.Peers;

/// <summary>The rules and settings of this system for the comparison.</summary>
internal static class MLEventsRules
{
    public const string Key = "local-benchmark-key";

    public static string WriteRules(string folder)
    {
        var rules = Directory.CreateDirectory(Path.Combine(folder, "rules")).FullName;
        File.WriteAllText(Path.Combine(rules, "retraining.yaml"), "retraining: []\n");
        File.WriteAllText(Path.Combine(rules, "deployments.yaml"), "deployments: []\n");
        File.WriteAllText(Path.Combine(rules, "alerts.yaml"), $$$"""
            alerts:
              - name: production
                when:
                  includedEventTypes: [{{{string.Join(", ", PeerEvents.MatchingTypes)}}}]
                  subjectBeginsWith: {{{PeerEvents.SubjectPrefix}}}
                send:
                  channel: email
                  to: [oncall@example.com]
                  subject: "[ML] {{ data.runStatus }} {{ subject }} {{ id }}"
                  text: "{{ subject }} {{ id }}"
            """);
        return rules;
    }

    /// <summary>
    /// Writes the components of the broker and of the state store, and the resiliency policies. The comparison needs no other component. Without a retry
    /// policy, the sidecar dead-letters a message after the first answer RETRY.
    /// </summary>
    public static string WriteComponents(string folder)
    {
        var components = Directory.CreateDirectory(Path.Combine(folder, "components")).FullName;
        foreach (var name in new[] { "pubsub.yaml", "statestore.yaml", "resiliency.yaml" })
        {
            File.Copy(Repository.PathOf("components", "embedded", name), Path.Combine(components, name), overwrite: true);
        }

        return components;
    }
}
