namespace MLEvents.Local.Sidecar.Tests.Recordings;

/// <summary>Intended differences between the embedded sidecar and the recorded daprd. The replays leave out these cases.</summary>
internal static class Differences
{
    /// <summary>
    /// All differences: the recording (* if the difference is not a case of one recording), the case, the behavior of daprd, the behavior of the embedded
    /// sidecar, and the reason.
    /// </summary>
    public static readonly IReadOnlyList<Difference> All =
    [
        new("*", "maxAwaitDurationMs of a bulk subscription", "waits this long for further messages, 1 s by default", "sends the waiting messages at once as a batch", "an idle system adds no delay"),
        new("*", "numbers in the events of a bulk subscription", "become 64-bit floating point: 12345678901234567890 is rounded, 1.0 becomes 1", "stay as published", "the data of an event is not changed"),
        new("*", "metadata of an entry that was published without metadata", "{} after a single publish, null after a bulk publish", "null", "both values mean the same"),
        new("01-publish-envelopes.json", "grpc_publish_raw", "adds the headers Traceid and Traceparent to raw payloads published over gRPC", "adds none, as over HTTP", "raw payloads carry no trace"),
        new("05-bindings-secrets-errors-tokens.json", "invoke_self", "invokes services", "answers 501", "no service calls another through its sidecar"),
        new("05-bindings-secrets-errors-tokens.json", "appSaw", "(the calls that the app received in all cases)", "compared for each case", "this member is not a case"),
        new("*", "a delivery that failed, without retry policy or dead-letter topic", "pubsub.redis acknowledges it, so it is lost", "delivered again after redeliverInterval", "no message that was acknowledged to the publisher is lost"),
        new("*", "retries longer than processingTimeout", "a second chain of retries starts for the same message", "the lease is renewed with each retry", "only one consumer has a message at a time; a single attempt longer than processingTimeout is still delivered twice"),
        new("*", "kill -9 and restart", "the message is delivered after processingTimeout", "it is delivered as soon as the owner of its lease has ended", "the owner of a lease is a process of the same machine"),
        new("*", "routing rules (CEL)", "evaluates them", "reports the name of the subscription and leaves it out", "no service uses them"),
        new("*", "a Resiliency resource beside other documents of a file", "ignored", "refused with file, line and column", "a policy must not be ignored silently"),
        new("*", "trip conditions of circuit breakers", "any CEL expression", "one counter, compared with > or >=", "the policies need no other conditions"),
        new("*", "an event that cannot be sent as an HTTP request", "retried as its policy says", "dead-lettered at once", "a retry cannot succeed"),
        new("*", "unknown keys in resource files", "ignored", "refused with file, line and column", "a typing error must be found"),
        new("*", "redeliverInterval as a duration string", "ignored, so that the default of 15 s applies", "read", "daprd's behavior is a bug of components-contrib 1.17.8"),
        new("*", "stuck messages", "occupy the 10 workers of all topics of the component", "occupy the 10 workers of their own topic", "topics do not block each other"),
        new("*", "pubsub.in-memory", "publish blocks until the previous message was handled; no redelivery", "the same broker as pubsub.embedded, in memory", "both components use one engine"),
        new("*", "messages that all groups have handled", "stay in the stream: a new group gets all earlier messages", "are deleted: a new group gets only stored messages", "the file does not grow"),
        new("04-state.json", "rst", "see StateReplayTests", "stricter than daprd on Redis, like daprd's other stores", "all stores behave in the same way"),
        new("*", "strings in the data of bindings.localstorage", "read by strconv.Unquote, as string literals of Go", "read as JSON strings", "callers send JSON"),
        new("*", "tracing configuration", "samplingRate creates spans", "forwards the W3C trace headers and creates no spans", "the services create their own spans"),
        new("*", "metadata", "runtimeVersion 1.17.13, capabilities of pubsub.in-memory", "1.17.13-embedded, no wildcards", "the version and the capabilities must be true"),
    ];

    /// <summary>Whether a case is one of the differences.</summary>
    public static bool Covers(string recording, string name) => All.Any(difference => difference.Recording == recording && difference.Case == name);
}

/// <summary>A case in which the embedded sidecar differs from daprd, and the reason.</summary>
internal sealed record Difference(string Recording, string Case, string Daprd, string Here, string Why);
