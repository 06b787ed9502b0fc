namespace MLEvents.ServiceDefaults;

/// <summary>The result of handling one message. An expected failure is an outcome, never an exception.</summary>
/// <param name="Status">The word that Dapr understands: SUCCESS, RETRY or DROP.</param>
/// <param name="Reason">The reason, for the log; null when done.</param>
/// <seealso href="https://docs.dapr.io/reference/api/pubsub_api/#provide-routes-for-dapr-to-deliver-topic-events"/>
public sealed record Outcome(string Status, string? Reason)
{
    /// <summary>The work is done, or a durable record guarantees it.</summary>
    public static Outcome Done { get; } = new("SUCCESS", null);

    /// <summary>A dependency of every message (state store, broker) is unavailable; the subscription's policy redelivers without limit.</summary>
    public static Outcome Retry(string reason) => new("RETRY", reason);

    /// <summary>No delivery will ever succeed; the message goes to the dead-letter topic.</summary>
    public static Outcome Drop(string reason) => new("DROP", reason);
}
