namespace MLEvents.ServiceDefaults;

/// <summary>What became of one message. An expected failure is an outcome, never an exception.</summary>
/// <param name="Status">The word that Dapr understands: SUCCESS, RETRY or DROP.</param>
/// <param name="Reason">Why, for the log; null when done.</param>
/// <seealso href="https://docs.dapr.io/reference/api/pubsub_api/#provide-routes-for-dapr-to-deliver-topic-events"/>
public sealed record Outcome(string Status, string? Reason)
{
    /// <summary>The work is done, or a durable record guarantees it.</summary>
    public static Outcome Done { get; } = new("SUCCESS", null);

    /// <summary>Something that stops every message alike is away (state store, broker); the subscription's policy redelivers without limit.</summary>
    public static Outcome Retry(string reason) => new("RETRY", reason);

    /// <summary>No delivery will ever succeed; the message goes to the dead-letter topic.</summary>
    public static Outcome Drop(string reason) => new("DROP", reason);
}
