using Dapr;

using MLEvents.State;

namespace MLEvents.Ingress;

/// <summary>The broker did not accept every event of a request, or the state store did not accept a message for the quarantine.</summary>
internal sealed class NotAllPublishedException : Exception
{
    private NotAllPublishedException(string title, string message, Exception? inner)
        : base(message, inner) => Title = title;

    /// <summary>The error for the caller. It names the component that refused.</summary>
    public string Title { get; }

    /// <summary>Whether the sidecar, the broker or the state store refuses a message because of its size, so that a later attempt has the same result.</summary>
    public bool IsTooLarge => InnerException is DaprException inner && !DaprFailures.IsTransient(inner);

    /// <summary>The broker did not accept events.</summary>
    /// <param name="topic">The topic of the events.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="inner">The cause; null if the sidecar answered with the reason.</param>
    public static NotAllPublishedException ByBroker(string topic, string reason, Exception? inner = null) =>
        new("The broker does not accept events now.", $"Publishing to '{topic}' failed: {reason}", inner);

    /// <summary>The state store did not accept a message for the quarantine.</summary>
    /// <param name="inner">The cause.</param>
    public static NotAllPublishedException ByStateStore(Exception inner) =>
        new("The state store does not accept messages for the quarantine now.", $"Storing a message of the quarantine failed: {inner.Message}", inner);
}
