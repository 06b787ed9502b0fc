using MLEvents.Local.Sidecar.Cel;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>A rule of a subscription.</summary>
/// <param name="Match">CEL expression; empty for the default route.</param>
/// <param name="Path">Path of the app.</param>
/// <param name="Condition">The expression, parsed; null for the default route.</param>
internal sealed record TopicRoute(string Match, string Path, CelExpression? Condition);

/// <summary>One subscription of the app, from <c>/dapr/subscribe</c> or a file.</summary>
/// <param name="PubSub">Component.</param>
/// <param name="Topic">Topic.</param>
/// <param name="Routes">Rules in order; the default route is last.</param>
/// <param name="DeadLetterTopic">Where given-up messages go; empty for none.</param>
/// <param name="Metadata">As written.</param>
/// <param name="IsDeclarative">Whether it came from a file.</param>
internal sealed record TopicSubscription(
    string PubSub, string Topic, IReadOnlyList<TopicRoute> Routes, string DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata, bool IsDeclarative)
{
    /// <summary>Whether messages are wrapped as they are instead of being read as CloudEvents.</summary>
    public bool IsRaw => Metadata.TryGetValue("rawPayload", out var raw) && raw.ToUpperInvariant() is "TRUE" or "1" or "T" or "Y" or "YES" or "ON";
}
