using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>Metadata of <c>pubsub.embedded</c> and <c>pubsub.in-memory</c>.</summary>
/// <param name="Consumer">Name of the consumer group. Default: the app id.</param>
/// <param name="ProcessingTimeout">How long one attempt may take. After this time another consumer can also get the message. Default 60 s.</param>
/// <param name="RedeliverInterval">Wait after a failed delivery before the message is delivered again. Default 15 s.</param>
/// <param name="BusyTimeout">How long an operation waits for a locked database. Default 5 s.</param>
/// <param name="Concurrency">Number of messages of one topic that are delivered at the same time, 1 or more. Default 10.</param>
/// <param name="BulkConcurrency">Number of batches of one topic that are delivered to a bulk subscription at the same time: the lower of <c>concurrency</c> and 4. While all handlers are busy, messages collect for a larger batch.</param>
/// <param name="MaxLength">Maximum number of messages that are stored per topic. If a topic has more, its oldest messages are deleted, even if they are not handled. Default: no limit.</param>
/// <param name="Retention">
/// How long the broker stores groups without a subscriber and messages that no group has to read. Only hours during which the broker ran are counted. Less than 1 h counts as 1 h. Default 14 days.
/// </param>
internal sealed record EmbeddedPubSubOptions(
    string Consumer, TimeSpan ProcessingTimeout, TimeSpan RedeliverInterval, TimeSpan BusyTimeout, int Concurrency, int BulkConcurrency, int? MaxLength, TimeSpan Retention)
{
    private const int MaxBatches = 4;

    /// <summary>Reads the metadata.</summary>
    /// <exception cref="ResourceException">A value has the wrong form.</exception>
    public static EmbeddedPubSubOptions From(ComponentSpec spec, string appId) => new(
        Consumer: spec.Setting("consumerID")?.Replace("{appID}", appId, StringComparison.Ordinal).Replace("{uuid}", Guid.NewGuid().ToString(), StringComparison.Ordinal) ?? appId,
        ProcessingTimeout: spec.Duration("processingTimeout", TimeSpan.FromSeconds(60)),
        RedeliverInterval: spec.Duration("redeliverInterval", TimeSpan.FromSeconds(15)),
        BusyTimeout: spec.Duration("busyTimeout", TimeSpan.FromSeconds(5)),
        Concurrency: spec.Number("concurrency", 10, min: 1),
        BulkConcurrency: Math.Min(spec.Number("concurrency", MaxBatches, min: 1), MaxBatches),
        MaxLength: spec.Setting("maxLenApprox") is null ? null : spec.Number("maxLenApprox", 0, min: 1),
        Retention: spec.Duration("retention", TimeSpan.FromDays(14)));

    /// <summary>The database file: <c>path</c>, or <c>connectionString</c> as a path or as <c>Data Source=…</c>.</summary>
    /// <exception cref="ResourceException">Both items are missing.</exception>
    public static string File(ComponentContext context)
    {
        var text = context.Spec.Setting("path") ?? context.Spec.RequiredSetting("connectionString");
        return context.DataPath(text.Contains('=', StringComparison.Ordinal) ? new SqliteConnectionStringBuilder(text).DataSource : text);
    }
}
