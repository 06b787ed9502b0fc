using MLEvents.Deployer.Queueing;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>The queue of an endpoint. Only one roll-out works on the endpoint at a time. A newer version that waits supersedes the roll-outs of older versions.</summary>
public sealed class EndpointQueueTests
{
    private static readonly RolloutStrategy Strategy = new() { Steps = [new(10, TimeSpan.FromMinutes(15)), new(100, TimeSpan.Zero)] };
    private readonly FakeAzure _azure = new() { Model = TestData.Model(), TakesEffect = true };

    public EndpointQueueTests() => _azure.HasEndpoint("Succeeded", ("blue", 100));

    [Fact]
    public void The_first_roll_out_works_on_the_endpoint_and_the_newest_version_that_waits_supersedes_all_older_versions()
    {
        var queue = Queue(Entry("a", "5"), Entry("b", "3"), Entry("c", "7"), Entry("d", "6"));

        Assert.Equal((true, "c"), (queue.PositionOf("a").IsFirst, queue.PositionOf("a").Newer?.Action));
        Assert.Equal("c", queue.PositionOf("b").Newer?.Action);
        Assert.Null(queue.PositionOf("c").Newer);
        Assert.Equal("c", queue.PositionOf("d").Newer?.Action);
    }

    [Fact]
    public void A_waiting_roll_out_is_not_superseded_by_the_first_roll_out_because_the_first_roll_out_can_fail() =>
        Assert.Null(Queue(Entry("a", "5"), Entry("b", "3")).PositionOf("b").Newer);

    [Fact]
    public void A_version_of_another_model_supersedes_nothing_and_versions_without_an_order_are_compared_by_arrival()
    {
        var later = TestData.Now + TimeSpan.FromSeconds(1);
        var queue = Queue(Entry("a", "blue"), Entry("b", "9") with { Model = "other" }, Entry("c", "green") with { Since = later });

        Assert.Equal("c", queue.PositionOf("a").Newer?.Action);
        Assert.Null(queue.PositionOf("b").Newer);
        Assert.Null(queue.PositionOf("c").Newer);
    }

    [Fact]
    public void A_queue_entry_expires_unless_its_roll_out_renews_it()
    {
        var queue = Queue(Entry("a", "1"), Entry("b", "2"));
        var late = TestData.Now + TimeSpan.FromHours(2);

        var renewed = queue.Enter(Entry("a", "1") with { Since = late, Until = late + TimeSpan.FromHours(1) }, late);

        Assert.Equal(["a"], renewed.Entries.Select(entry => entry.Action));
        Assert.Equal(TestData.Now, renewed.Entries[0].Since);
        Assert.Equal(["c"], queue.Enter(Entry("c", "3"), late).Entries.Select(entry => entry.Action));
        Assert.Equal(["b"], queue.Leave("a").Entries.Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_later_roll_out_waits_for_the_roll_out_that_works_on_the_endpoint()
    {
        _azure.Queue = Queue(Entry("another", "1"));
        var driver = new RolloutDriver(_azure, Strategy);

        await driver.StepAsync();
        var waiting = Assert.IsType<Continue>(await driver.StepAsync());
        _azure.Queue = _azure.Queue.Leave("another");

        Assert.Equal((Stages.Queued, "action another of churn:1 works on endpoint churn-scoring"), (waiting.Stage, waiting.Detail));
        Assert.Null(_azure.RequestedDeployment);
        Assert.IsType<Succeeded>(await driver.RunAsync());
    }

    [Fact]
    public async Task A_roll_out_that_waits_is_superseded_by_a_newer_version_that_waits()
    {
        _azure.Queue = Queue(Entry("another", "1"), Entry("newest", "4"));

        var end = await new RolloutDriver(_azure, Strategy).RunAsync();

        Assert.Equal("superseded by churn:4 (action newest) before this roll-out got traffic", Assert.IsType<Skipped>(end).Detail);
        Assert.Equal(["another", "newest"], _azure.Queue.Entries.Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_newer_version_that_arrives_during_a_bake_gets_the_endpoint_after_the_traffic_is_restored()
    {
        var driver = new RolloutDriver(_azure, Strategy);
        await driver.ReachAsync("bake-10");
        _azure.Queue = new([.. _azure.Queue.Entries, Entry("newest", "4")]);

        var end = Assert.IsType<Skipped>(await driver.RunAsync());

        Assert.Equal("Azure confirmed that the traffic of churn-scoring is as before: blue 100%. superseded by churn:4 (action newest)", end.Detail);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
        Assert.Equal(["newest"], _azure.Queue.Entries.Select(entry => entry.Action));
    }

    [Theory]
    [InlineData("traffic-100")]
    [InlineData("bake-100")]
    public async Task The_only_deployment_of_an_endpoint_keeps_its_traffic_when_a_newer_version_supersedes_its_roll_out(string stage)
    {
        _azure.HasEndpoint();
        var driver = new RolloutDriver(_azure, new() { Steps = [new(100, TimeSpan.FromMinutes(15))] });
        await driver.ReachAsync(stage);
        _azure.Queue = new([.. _azure.Queue.Entries, Entry("newest", "4")]);

        var end = Assert.IsType<Skipped>(await driver.RunAsync());

        Assert.Equal("superseded by churn:4 (action newest); the deployment keeps its traffic, because the endpoint had no traffic before this roll-out", end.Detail);
        Assert.Equal(100, _azure.Endpoint?.Traffic[TestData.Deployment]);
        Assert.Equal(["newest"], _azure.Queue.Entries.Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_newer_version_that_arrives_before_the_first_traffic_ends_the_roll_out_at_once()
    {
        var driver = new RolloutDriver(_azure, Strategy);
        await driver.ReachAsync(Stages.DeploymentCreating);
        _azure.Queue = new([.. _azure.Queue.Entries, Entry("newest", "4")]);

        Assert.IsType<Skipped>(await driver.RunAsync());
        Assert.Equal(0, _azure.TrafficUpdates);
    }

    [Theory]
    [InlineData(false, "superseded by churn:4 (action newest) before this roll-out got traffic")]
    [InlineData(true, "superseded by a roll-back (action newest) before this roll-out got traffic")]
    public async Task A_roll_out_that_waits_for_an_approval_ends_with_the_same_reason_as_a_roll_out_that_does_not_wait(bool isRollback, string expected)
    {
        var driver = new RolloutDriver(_azure, Strategy);
        await driver.ReachAsync(Stages.DeploymentCreating);
        _azure.Queue = new([.. _azure.Queue.Entries, isRollback ? Entry("newest", "") with { Model = "", IsRollback = true } : Entry("newest", "4")]);

        var obstacle = await driver.FindObstacleAsync();
        var end = await driver.RunAsync();

        Assert.Equal(expected, obstacle);
        Assert.Equal(expected, Assert.IsType<Skipped>(end).Detail);
    }

    [Fact]
    public async Task A_roll_out_that_lost_its_place_during_an_outage_does_not_change_the_traffic()
    {
        var driver = new RolloutDriver(_azure, Strategy);
        await driver.ReachAsync("bake-10");
        _azure.Queue = Queue(Entry("another", "1"));

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.StartsWith("action another took over endpoint churn-scoring", end.Detail, StringComparison.Ordinal);
        Assert.Equal(1, _azure.TrafficUpdates);
        Assert.Equal(["another"], _azure.Queue.Entries.Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_roll_out_waits_while_a_roll_out_without_a_strategy_moves_the_traffic()
    {
        var driver = new RolloutDriver(_azure, Strategy);
        await driver.ReachAsync(Stages.Verified);
        _azure.LockHolder = "another";

        Assert.Equal("another roll-out moves the traffic of churn-scoring", (await driver.StepAsync()).Detail);
        _azure.LockHolder = null;
        Assert.IsType<Succeeded>(await driver.RunAsync());
    }

    private static EndpointQueue Queue(params QueuedRollout[] entries) => new(entries);

    private static QueuedRollout Entry(string action, string version) => new(action, "churn", version, TestData.Now, TestData.Now + TimeSpan.FromHours(1));
}
