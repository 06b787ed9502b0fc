namespace MLEvents.Events.Tests;

public sealed class StudioLinksTests
{
    private const string Short = "/subscriptions/s1/resourcegroups/g1/workspaces/w1";
    private const string ArmId = "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.MachineLearningServices/workspaces/w1";
    private static readonly Uri Studio = new("https://studio.example/");

    /// <summary>Links to runs and models contain a short id of the workspace. Links to endpoints contain its ARM id. Azure's own links have the same forms.</summary>
    [Theory]
    [InlineData(EventTypes.RunCompleted, """{"runId":"r/1?x"}""", $"/runs/r%2F1%3Fx?wsid={Short}")]
    [InlineData(EventTypes.RunStatusChanged, """{"RunId":"r"}""", $"/runs/r?wsid={Short}")]
    [InlineData(EventTypes.DatasetDriftDetected, """{"runId":"d_1"}""", $"/runs/d_1?wsid={Short}")]
    [InlineData(EventTypes.ModelRegistered, """{"ModelName":"churn","ModelVersion":20}""", $"/model/churn:20/details?wsid={Short}")]
    [InlineData(EventTypes.ModelDeployed, """{"serviceName":"churn-scoring"}""", $"/endpoints/realtime/churn-scoring/detail?wsid={ArmId}")]
    [InlineData(EventTypes.ModelDeployed, """{"serviceName":"\uD800"}""", $"/?wsid={Short}")]
    [InlineData("Contoso.Thing", "{}", $"/?wsid={Short}")]
    public void An_event_links_to_its_page(string type, string data, string expected) =>
        Assert.Equal($"https://studio.example{expected}", StudioLinks.ForEvent(Studio, Envelope.Create(type, data) with { Source = ArmId }).AbsoluteUri);

    [Fact]
    public void An_event_without_a_workspace_links_to_the_studio() => Assert.Equal(Studio, StudioLinks.ForEvent(Studio, Envelope.Create()));

    [Fact]
    public void An_address_without_a_trailing_slash_gives_the_same_links() => Assert.Equal(
        $"https://studio.example/ml/runs/r?wsid={Short}",
        StudioLinks.Run(new Uri("https://studio.example/ml"), Workspace.Parse(ArmId), "r").AbsoluteUri);

    [Fact]
    public void An_id_that_names_no_workspace_is_refused() => Assert.Throws<FormatException>(() => Workspace.Parse("/subscriptions/s1"));
}
