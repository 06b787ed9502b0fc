using System.Text.Json.Serialization;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>A message to publish.</summary>
/// <param name="Data">Envelope or raw bytes.</param>
/// <param name="Metadata">Publish metadata; becomes headers of the delivery.</param>
internal sealed record BrokerMessage(byte[] Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A message leased to one consumer.</summary>
/// <param name="Id">Position in the broker.</param>
/// <param name="Message">Content.</param>
/// <param name="LeasedUntil">Unix milliseconds. A consumer that needs longer must renew the lease. Otherwise, the message is delivered again.</param>
internal sealed record ClaimedMessage(long Id, BrokerMessage Message, long LeasedUntil);

/// <summary>The result of a claim.</summary>
/// <param name="Messages">Messages leased to the caller.</param>
/// <param name="IsFull">Whether the claim reached its limit, so that more messages may be available.</param>
/// <param name="NextDue">Unix milliseconds when the next leased or postponed message is due; null if there is none.</param>
internal sealed record ClaimedBatch(IReadOnlyList<ClaimedMessage> Messages, bool IsFull, long? NextDue);

/// <summary>Messages of a topic that a consumer group has not settled.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Group">Consumer group; empty if the topic has none.</param>
/// <param name="Waiting">Number of messages that have not been delivered.</param>
/// <param name="InFlight">Number of messages that are delivered or postponed, and not settled.</param>
internal sealed record Backlog(string Topic, string Group, long Waiting, long InFlight);

[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class BrokerMessageJson : JsonSerializerContext;
