using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

using MLEvents.Local.Simulator.Control;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Messages;
using MLEvents.Local.Simulator.Scoring;

namespace MLEvents.Local.Simulator;

/// <summary>The JSON contract of requests and answers. It is generated when the simulator is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BehaviorRequest))]
[JsonSerializable(typeof(TrafficRequest))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, ScoringBehavior>))]
[JsonSerializable(typeof(FaultRequest))]
[JsonSerializable(typeof(IReadOnlyList<FaultView>))]
[JsonSerializable(typeof(InboxContent))]
[JsonSerializable(typeof(DriftRequest))]
[JsonSerializable(typeof(BreachRequest))]
[JsonSerializable(typeof(ModelRequest))]
[JsonSerializable(typeof(SimulatorState))]
[JsonSerializable(typeof(TimelinePage))]
[JsonSerializable(typeof(IReadOnlyList<EndpointChange>))]
[JsonSerializable(typeof(CallsView))]
[JsonSerializable(typeof(Counts))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
internal sealed partial class SimulatorJson : JsonSerializerContext;
