using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>Waits for mails and timeline entries at the simulator, and reads jobs.</summary>
internal static class SimulatorWaiting
{
    /// <summary>Waits for a number of mails of a chain.</summary>
    public static Task<IReadOnlyList<InboxMail>> MailsAsync(this SimulatorClient simulator, string correlation, int count, CancellationToken cancellationToken) =>
        Poll.UntilAsync(token => simulator.MailsAsync(correlation, token), mails => mails.Count >= count, cancellationToken);

    /// <summary>Waits for the first mail of a chain.</summary>
    public static async Task<InboxMail> MailAsync(this SimulatorClient simulator, string correlation, CancellationToken cancellationToken) =>
        (await simulator.MailsAsync(correlation, 1, cancellationToken))[0];

    /// <summary>The jobs of a chain.</summary>
    public static async Task<IReadOnlyList<JsonObject>> JobsAsync(this SimulatorClient simulator, string correlation, CancellationToken cancellationToken) =>
        [.. (await simulator.ListAsync("jobs", cancellationToken)).Where(job => job.HasTag(correlation, "properties", "tags"))];

    /// <summary>Waits for the first timeline entry that has the given kind and belongs to the given chain.</summary>
    public static async Task<TimelineEntry> FindEntryAsync(this SimulatorClient simulator, string kind, string correlation, CancellationToken cancellationToken) =>
        (await Poll.UntilAsync(
            async token => (await simulator.TimelineAsync(token)).Entries.Where(entry => entry.Kind == kind && entry.Correlation == correlation).ToList(),
            found => found.Count > 0,
            cancellationToken))[0];

    /// <summary>Whether the tags at the given path of a resource contain the correlation id.</summary>
    public static bool HasTag(this JsonObject resource, string correlation, params ReadOnlySpan<string> path)
    {
        JsonNode? node = resource;
        foreach (var name in path)
        {
            node = node?[name];
        }

        return (string?)node?["mlevents.correlation"] == correlation;
    }
}
