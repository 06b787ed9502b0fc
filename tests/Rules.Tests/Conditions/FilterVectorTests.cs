using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Event Grid's documented filter semantics, from a table of filters and events.</summary>
public sealed class FilterVectorTests
{
    [Fact]
    public void Every_vector_matches_as_documented()
    {
        var table = JsonNode.Parse(File.ReadAllText(Files.Reference("filters-vectors.json")))?.AsObject() ?? [];
        var vectors = table["vectors"]?.AsArray() ?? [];

        var wrong = vectors.OfType<JsonObject>().Where(vector => Matches(table, vector) != vector["match"]?.GetValue<bool>()).Select(vector => vector.ToJsonString());

        Assert.True(vectors.Count >= 61);
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_explanation_of_every_vector_has_the_result_of_the_match()
    {
        var table = JsonNode.Parse(File.ReadAllText(Files.Reference("filters-vectors.json")))?.AsObject() ?? [];
        var vectors = table["vectors"]?.AsArray() ?? [];

        Assert.All(vectors.OfType<JsonObject>(), vector => Assert.Equal(Matches(table, vector), Condition(vector).Explain(Event(table, vector)).Matched));
    }

    private static bool Matches(JsonObject table, JsonObject vector) => Condition(vector).Matches(Event(table, vector));

    private static Condition Condition(JsonObject vector) => TestData.Condition(vector["filter"]?.ToJsonString() ?? "");

    private static WorkflowEvent Event(JsonObject table, JsonObject vector)
    {
        var written = table["events"]?[vector["event"]?.ToString() ?? ""]?.AsObject() ?? [];
        var envelope = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = written["id"]?.DeepClone(),
            ["source"] = (written["source"] ?? written["topic"])?.DeepClone(),
            ["type"] = (written["type"] ?? written["eventType"])?.DeepClone(),
            ["subject"] = written["subject"]?.DeepClone(),
            ["data"] = written["data"]?.DeepClone(),
        };
        return WorkflowEvent.TryRead(JsonSerializer.SerializeToElement(envelope), out var result, out var error) ? result : throw new InvalidOperationException(error);
    }
}
