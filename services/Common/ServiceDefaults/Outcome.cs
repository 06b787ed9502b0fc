namespace MLEvents.ServiceDefaults;

/// <summary>The result of handling one message, for the answer to the sidecar and for the log.</summary>
/// <param name="Status">The word that Dapr understands: SUCCESS, RETRY or DROP.</param>
/// <param name="Reason">The reason, for the log; null when done.</param>
/// <seealso href="https://docs.dapr.io/reference/api/pubsub_api/#provide-routes-for-dapr-to-deliver-topic-events"/>
public sealed record Outcome(string Status, string? Reason)
{
    /// <summary>The work is done, or a durable record guarantees that it will be done.</summary>
    public static Outcome Done { get; } = new("SUCCESS", null);

    /// <summary>
    /// The message was not handled, for instance because the state store or the broker is unavailable. The subscription's policy redelivers it without limit.
    /// </summary>
    public static Outcome Retry(string reason) => new("RETRY", reason);

    /// <summary>No delivery will ever succeed; the message goes to the dead-letter topic.</summary>
    public static Outcome Drop(string reason) => new("DROP", reason);
}
