namespace MLEvents.Tests.Common.Sidecars;

/// <summary>Resource files of tests.</summary>
public static class Yaml
{
    /// <summary>A durable broker with the given metadata lines, and a broker in memory.</summary>
    public static string Brokers(params string[] metadata) => Component("rps", "pubsub.embedded", ["path: broker.db", .. metadata]) + Component("mem", "pubsub.in-memory");

    /// <summary>One component. Each metadata line has the form <c>name: value</c>.</summary>
    public static string Component(string name, string type, params IReadOnlyList<string> metadata) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata: [{string.Join(", ", metadata.Select(Item))}]
        ---

        """;

    private static string Item(string line)
    {
        var parts = line.Split(": ", 2);
        return $"{{name: {parts[0]}, value: \"{parts[1]}\"}}";
    }
}
