using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.DataFactory;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.MachineLearning;
using MLEvents.Local.Simulator.Messages;
using MLEvents.Local.Simulator.Scoring;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator;

/// <summary>The JSON contract of the values in a journal. It is generated when the simulator is built, because a native program has no reflection for JSON.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ResourceStore.StoredResource))]
[JsonSerializable(typeof(LongOperation))]
[JsonSerializable(typeof(EndpointChange))]
[JsonSerializable(typeof(DeadLetters.StoredDeadLetter))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(SubscriptionRecord))]
[JsonSerializable(typeof(Inbox.StoredMail))]
[JsonSerializable(typeof(WebhookCall))]
[JsonSerializable(typeof(LiveTraffic.StoredRate))]
[JsonSerializable(typeof(ScoringBehaviors.StoredBehavior))]
[JsonSerializable(typeof(StoredTask<FactoryRunner.FactoryWork>))]
[JsonSerializable(typeof(StoredTask<Handshake.HandshakeWork>))]
[JsonSerializable(typeof(StoredTask<BatchRunner.BatchWork>))]
[JsonSerializable(typeof(StoredTask<JobRunner.JobRun>))]
[JsonSerializable(typeof(StoredTask<JobRunner.JobCancellation>))]
[JsonSerializable(typeof(StoredTask<OnlineDeploymentRunner.DeploymentWork>))]
[JsonSerializable(typeof(StoredTask<OnlineEndpointRunner.EndpointWork>))]
[JsonSerializable(typeof(List<JsonElement[]>))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    /// <summary>The contract of a stored type.</summary>
    /// <exception cref="InvalidOperationException">The type is not one of the types above.</exception>
    public static JsonTypeInfo<T> For<T>() => Default.GetTypeInfo(typeof(T)) as JsonTypeInfo<T> ?? throw new InvalidOperationException($"{nameof(JournalJson)} has no contract for {typeof(T)}.");
}
