using MLEvents.Events;

namespace MLEvents.Rules.Tests.Templates;

/// <summary>Links into the studio.</summary>
public sealed class StudioLinkTests
{
    [Theory]
    [InlineData(EventTypes.RunCompleted, """{"runId":"r/1"}""", "/runs/r%2F1")]
    [InlineData(EventTypes.RunStatusChanged, """{"RunId":"r"}""", "/runs/r")]
    [InlineData(EventTypes.DatasetDriftDetected, """{"runId":"d_1"}""", "/runs/d_1")]
    [InlineData(EventTypes.ModelRegistered, """{"ModelName":"churn","ModelVersion":20}""", "/model/churn:20/details")]
    [InlineData(EventTypes.ModelDeployed, """{"serviceName":"churn-scoring"}""", "/endpoints/realtime/churn-scoring/detail")]
    [InlineData(EventTypes.ModelDeployed, """{"serviceName":"\uD800"}""", "/")]
    [InlineData("Contoso.Thing", "{}", "/")]
    public void An_event_links_to_its_page(string type, string data, string path) =>
        Assert.Equal($"https://studio.example{path}?wsid={TestData.Workspace}", Link(TestData.Event(data, type)));

    [Fact]
    public void Without_a_workspace_the_studio_itself_is_linked() =>
        Assert.Equal("https://studio.example", Link(TestData.Event() with { Source = "/elsewhere" }));

    private static string Link(WorkflowEvent workflowEvent) =>
        Template.Parse("{{ studioUrl }}", TemplateTarget.Text).Render(TemplateModel.For(workflowEvent, "https://studio.example/"));
}
