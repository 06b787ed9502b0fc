using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLEvents.Local.Host;

/// <summary>The JSON contract of the report and of the requests to the services. It is generated when the host is built, because a native program has no reflection for JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ScenarioReport))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class HostJson : JsonSerializerContext;
