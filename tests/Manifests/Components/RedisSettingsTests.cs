using System.Globalization;

using MLEvents.Events;

namespace MLEvents.Manifests.Components;

/// <summary>Checks the settings that prevent pubsub.redis of daprd 1.17 from losing or repeating messages.</summary>
public sealed class RedisSettingsTests
{
    private static readonly ComponentFile PubSub = ComponentFile.Find("redis", Topics.PubSub);

    [Theory]
    [InlineData("processingTimeout")]
    [InlineData("redeliverInterval")]
    public void An_interval_is_in_milliseconds(string item) => Assert.True(Number(item) >= 1000);

    [Fact]
    public void The_processing_timeout_is_longer_than_the_handler_budget_and_at_most_two_leases() =>
        Assert.InRange(Number("processingTimeout"), 10_000, 60_000);

    [Fact]
    public void The_pool_has_a_connection_for_each_topic_and_worker() =>
        Assert.True(Number("poolSize") > TopicNames.All.Count + Number("concurrency"), "poolSize is too small");

    [Fact]
    public void There_are_more_workers_than_topics() =>
        Assert.True(Number("concurrency") > TopicNames.All.Count, "concurrency is too small");

    [Fact]
    public void Streams_have_a_time_to_live() => Assert.Equal("336h", PubSub.Value("streamTTL"));

    private static int Number(string item) => int.Parse(PubSub.Value(item), CultureInfo.InvariantCulture);
}
