using System.Globalization;

using MLEvents.Events;

namespace MLEvents.Manifests.Components;

/// <summary>Settings without which pubsub.redis of daprd 1.17 loses or repeats messages.</summary>
public sealed class RedisSettingsTests
{
    private static readonly ComponentFile PubSub = ComponentFile.Of("redis", Topics.PubSub);

    [Theory]
    [InlineData("processingTimeout")]
    [InlineData("redeliverInterval")]
    public void An_interval_is_in_milliseconds_for_a_duration_would_be_ignored(string item) => Assert.True(Number(item) >= 1000);

    [Fact]
    public void A_handler_has_more_time_than_its_budget_and_a_crash_is_noticed_before_the_lease_ends_twice() =>
        Assert.InRange(Number("processingTimeout"), 10_000, 60_000);

    [Fact]
    public void The_pool_holds_a_connection_for_each_topic_and_worker() =>
        Assert.True(Number("poolSize") > TopicNames.All.Count + Number("concurrency"), "poolSize is too small");

    [Fact]
    public void More_topics_may_be_handled_at_a_time_than_one_app_subscribes_to() =>
        Assert.True(Number("concurrency") > TopicNames.All.Count, "concurrency is too small");

    [Fact]
    public void Streams_do_not_grow_for_ever() => Assert.Equal("336h", PubSub.Value("streamTTL"));

    private static int Number(string item) => int.Parse(PubSub.Value(item), CultureInfo.InvariantCulture);
}
