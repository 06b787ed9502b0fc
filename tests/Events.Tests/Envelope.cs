using System.Text.Json;

namespace MLEvents.Events.Tests;

internal static class Envelope
{
    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    public static WorkflowEvent Create(string type = EventTypes.ModelRegistered, string data = "{}") =>
        WorkflowEvent.TryRead(Parse($$"""{"id":"e1","source":"/s","type":"{{type}}","subject":"models/churn:3","data":{{data}}}"""), out var read, out var error)
            ? read
            : throw new ArgumentException(error);
}
