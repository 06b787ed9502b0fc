using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLEvents.Local.Simulator.Client;

/// <summary>The JSON contract of requests and answers. It is generated when the client is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Inbox))]
[JsonSerializable(typeof(TimelinePage))]
[JsonSerializable(typeof(IReadOnlyList<EndpointChange>))]
internal sealed partial class ClientJson : JsonSerializerContext;
