namespace MLEvents.Ingress;

/// <summary>The broker did not accept every event of a request, or the state store did not accept a message for the quarantine.</summary>
internal sealed class NotAllPublishedException(string target, string message, Exception? inner = null)
    : Exception($"Publishing to '{target}' failed: {message}", inner);
