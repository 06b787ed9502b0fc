namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>A message on its way into the broker.</summary>
/// <param name="Data">Envelope or raw bytes.</param>
/// <param name="Metadata">Publish metadata; becomes headers of the delivery.</param>
internal sealed record BrokerMessage(byte[] Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A message leased to one consumer.</summary>
/// <param name="Id">Position in the broker.</param>
/// <param name="Message">Content.</param>
/// <param name="LeasedUntil">Unix milliseconds; a consumer that needs longer renews the lease, or the message is delivered again.</param>
internal sealed record ClaimedMessage(long Id, BrokerMessage Message, long LeasedUntil);

/// <summary>The result of a claim.</summary>
/// <param name="Messages">Messages leased to the caller.</param>
/// <param name="IsFull">Whether the limit ended the claim, so that more messages may wait.</param>
/// <param name="NextDue">Unix milliseconds when a leased or postponed message falls due; null when nothing waits.</param>
internal sealed record ClaimedBatch(IReadOnlyList<ClaimedMessage> Messages, bool IsFull, long? NextDue);

/// <summary>Messages of a topic that a consumer group has not settled.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Group">Consumer group; empty when the topic has none yet.</param>
/// <param name="Waiting">Not yet delivered.</param>
/// <param name="InFlight">Delivered or postponed, not settled.</param>
internal sealed record Backlog(string Topic, string Group, long Waiting, long InFlight);
