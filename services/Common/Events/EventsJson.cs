using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLEvents.Events;

/// <summary>The JSON contract of values that this library writes. The build generates its code, because a native program cannot serialize JSON by reflection.</summary>
[JsonSerializable(typeof(IEnumerable<string?>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(string))]
internal sealed partial class EventsJson : JsonSerializerContext;
