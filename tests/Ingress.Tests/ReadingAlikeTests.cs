using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Ingress.Reading;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests;

/// <summary>What <c>mlevents</c> reads from a file is the event that the ingress would publish: there are two readers, for only one of them has a broker to write to.</summary>
public sealed class ReadingAlikeTests
{
    private static readonly string[] Folders = ["captured", "cloudevents", "eventgrid"];

    [Theory]
    [InlineData("""{"id":"e-1","topic":"/ws","eventType":"Microsoft.MachineLearningServices.RunCompleted","subject":"runs/1","eventTime":"2026-03-04T05:06:07.1234567Z","dataVersion":"1.0","metadataVersion":"1","data":{"n":1.0,"s":"é","esc":"\u0022"}}""")]
    [InlineData("""{"id":"e-2","topic":"/ws","eventType":"x","eventTime":"2026-03-04T05:06:07+02:00"}""")]
    [InlineData("""{"id":"e-3","topic":"https://example.com/a b","eventType":"x","subject":"","eventTime":"not a time","dataVersion":"","data":null}""")]
    [InlineData("""{"specversion":"1.0","id":"c-1","source":"/ws","type":"x","subject":"s","time":"2026-03-04T05:06:07Z","comexample":"kept","data":[1]}""")]
    [InlineData("""{"specversion":"1.0","id":"c-2","source":"/ws","type":"x"}""")]
    public void An_event_is_read_as_the_ingress_reads_it(string json) => AssertAlike(json);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id":"","topic":"/ws","eventType":"x"}""")]
    [InlineData("""{"id":"e-1","eventType":"x"}""")]
    [InlineData("""{"specversion":"1.0","id":"c-1","type":"x"}""")]
    public void What_the_ingress_cannot_read_is_an_error_here_too(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.False(EventReading.TryRead(document.RootElement, out _, out _));
        Assert.Empty(EventReader.Read(Encoding.UTF8.GetBytes(json)).Events);
    }

    [Fact]
    public void The_official_samples_are_read_alike()
    {
        Assert.SkipWhen(Repository.Reference is null, "did not run: ../shared/reference with the official samples is not beside the checkout");
        var files = Folders.SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Reference ?? "", "events", folder), "*.json")).ToList();

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var one in document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray() : Enumerable.Repeat(document.RootElement, 1))
            {
                AssertAlike(one.GetRawText());
            }
        }
    }

    private static void AssertAlike(string json)
    {
        using var document = JsonDocument.Parse(json);
        var published = Assert.Single(EventReader.Read(Encoding.UTF8.GetBytes(json)).Events);
        Assert.True(WorkflowEvent.TryRead(JsonSerializer.SerializeToElement(published), out var ingress, out _));
        Assert.True(EventReading.TryRead(document.RootElement, out var tool, out _));

        Assert.Equal((ingress.Id, ingress.Source, ingress.Type, ingress.Subject, ingress.Time), (tool.Id, tool.Source, tool.Type, tool.Subject, tool.Time));
        Assert.Equal(Raw(ingress.Data), Raw(tool.Data));
        foreach (var attribute in (string[])["dataversion", "comexample"])
        {
            Assert.Equal(EventData.Text(ingress.Envelope, attribute), EventData.Text(tool.Envelope, attribute) is { Length: > 0 } text ? text : null);
        }
    }

    private static string Raw(JsonElement data) => data.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "" : JsonSerializer.Serialize(data);
}
