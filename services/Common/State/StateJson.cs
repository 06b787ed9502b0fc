using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLEvents.State;

/// <summary>The JSON contract of <see cref="StateClient.JsonContract"/>.</summary>
[JsonSerializable(typeof(RawJson))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
internal sealed partial class StateJson : JsonSerializerContext;
