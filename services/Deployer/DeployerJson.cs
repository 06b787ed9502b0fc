using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Deployer.Operators;
using MLEvents.Deployer.Queueing;

namespace MLEvents.Deployer;

/// <summary>The JSON contract of answers, stored values and operators' events. It is generated when the deployer is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EndpointView))]
[JsonSerializable(typeof(StartedAction))]
[JsonSerializable(typeof(OperatorEvent))]
[JsonSerializable(typeof(EndpointQueue))]
internal sealed partial class DeployerJson : JsonSerializerContext;
