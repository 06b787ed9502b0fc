using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLEvents.Events;

/// <summary>The JSON contract of values that this library writes, generated when it is built, because a native program has no reflection for JSON.</summary>
[JsonSerializable(typeof(IEnumerable<string?>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(string))]
internal sealed partial class EventsJson : JsonSerializerContext;
