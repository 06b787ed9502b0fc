using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Ingress.Tests;

internal static class Json
{
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, JsonLimits.Document);
        return document.RootElement.Clone();
    }

    /// <summary>Asserts that two values are the same JSON. Numbers must have the same text. The order of members may differ, because daprd changes it.</summary>
    public static void AssertSame(JsonElement expected, JsonElement actual, string path = "$")
    {
        Assert.True(expected.ValueKind == actual.ValueKind, $"{path}: {actual.ValueKind} instead of {expected.ValueKind}");
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                var members = expected.EnumerateObject().ToList();
                Assert.Equal(members.Select(member => member.Name).Order(StringComparer.Ordinal), actual.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
                members.ForEach(member => AssertSame(member.Value, actual.GetProperty(member.Name), $"{path}.{member.Name}"));
                break;
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
                Enumerable.Range(0, expected.GetArrayLength()).ToList().ForEach(index => AssertSame(expected[index], actual[index], $"{path}[{index}]"));
                break;
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), actual.GetString());
                break;
            default:
                Assert.Equal(expected.GetRawText(), actual.GetRawText());
                break;
        }
    }
}
