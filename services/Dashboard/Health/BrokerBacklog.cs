using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Dashboard.Health;

/// <summary>The messages in the broker for the services, as of the last count.</summary>
/// <param name="Queues">The queues that contain messages, the longest first.</param>
/// <param name="Fault">The reason why the numbers are not known; null if they are known.</param>
public sealed partial record BrokerBacklog(IReadOnlyList<QueueBacklog> Queues, string? Fault)
{
    private const string Waiting = "waiting";

    /// <summary>The number of messages that wait or are being delivered.</summary>
    public long Total => Queues.Sum(queue => queue.Waiting + queue.InFlight);

    /// <summary>Reads the metrics of the embedded sidecar.</summary>
    /// <param name="metrics">Lines in the text format of Prometheus.</param>
    /// <returns>The backlog; null if the metrics contain none, because they are not from the embedded sidecar.</returns>
    public static BrokerBacklog? Read(string metrics)
    {
        var series = Series().Matches(metrics).Select(match => (
            Topic: match.Groups["topic"].Value, Subscriber: match.Groups["group"].Value, IsWaiting: match.Groups["state"].Value == Waiting,
            Count: long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture))).ToList();
        return series.Count == 0
            ? null
            : new(
                [.. series.GroupBy(one => (one.Topic, one.Subscriber))
                    .Select(queue => new QueueBacklog(queue.Key.Topic, queue.Key.Subscriber, queue.Where(one => one.IsWaiting).Sum(one => one.Count), queue.Where(one => !one.IsWaiting).Sum(one => one.Count)))
                    .Where(queue => queue.Waiting + queue.InFlight > 0)
                    .OrderByDescending(queue => queue.Waiting + queue.InFlight).ThenBy(queue => queue.Topic, StringComparer.Ordinal).ThenBy(queue => queue.Subscriber, StringComparer.Ordinal)],
                null);
    }

    [GeneratedRegex("""^sidecar_backlog_(?<state>waiting|in_flight)\{pubsub="[^"]*",topic="(?<topic>[^"]*)",group="(?<group>[^"]*)"\} (?<count>[0-9]{1,18})\r?$""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Series();
}

/// <summary>The messages of a topic for one subscriber.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Subscriber">The consumer group, which is the name of the subscribing service.</param>
/// <param name="Waiting">Messages that wait to be delivered, or to be delivered again.</param>
/// <param name="InFlight">Messages that are being delivered.</param>
public sealed record QueueBacklog(string Topic, string Subscriber, long Waiting, long InFlight);
