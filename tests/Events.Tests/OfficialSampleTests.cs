using MLEvents.Tests.Common;

namespace MLEvents.Events.Tests;

public sealed class OfficialSampleTests
{
    [Fact]
    public void The_official_cloudevents_samples_are_read()
    {
        Assert.SkipWhen(Repository.Reference is null, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so the official samples are not read.");

        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Reference ?? "", "events", "cloudevents"), "*.json"))
        {
            Assert.True(WorkflowEvent.TryRead(Envelope.Parse(File.ReadAllText(file)), out var read, out var error), $"{file}: {error}");
            Assert.NotEqual(Topics.OtherEvents, Topics.For(read.Type));
        }
    }
}
