namespace MLEvents.Events.Tests;

public sealed class TopicsTests
{
    [Theory]
    [InlineData("Microsoft.MachineLearningServices.ModelRegistered", "model-registered")]
    [InlineData("Microsoft.MachineLearningServices.ModelDeployed", "model-deployed")]
    [InlineData("Microsoft.MachineLearningServices.RunCompleted", "run-completed")]
    [InlineData("Microsoft.MachineLearningServices.RunStatusChanged", "run-status-changed")]
    [InlineData("Microsoft.MachineLearningServices.DatasetDriftDetected", "dataset-drift-detected")]
    [InlineData("Microsoft.MachineLearningServices.modelRegistered", "other-events")]
    [InlineData("Microsoft.Storage.BlobCreated", "other-events")]
    public void Each_event_type_has_its_topic(string type, string topic) =>
        Assert.Equal(topic, Topics.For(type));
}
