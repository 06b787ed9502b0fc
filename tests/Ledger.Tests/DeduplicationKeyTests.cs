using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public sealed class DeduplicationKeyTests
{
    [Fact]
    public async Task Events_with_the_same_deduplication_key_cause_one_action_and_the_activity_names_the_version_of_the_rules()
    {
        var first = SampleEvents.Create("RunCompleted", id: "first");
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), TestContext.Current.CancellationToken);
        var again = SampleEvents.Create("RunCompleted", id: "another-id-for-the-same");

        await fixture.Runner.RunAsync(first, [LedgerFixture.Request() with { DeduplicationKey = "run=1" }], TestContext.Current.CancellationToken);
        await fixture.Runner.RunAsync(again, [LedgerFixture.Request() with { DeduplicationKey = "run=1" }], TestContext.Current.CancellationToken);
        await fixture.Runner.RunAsync(again, [LedgerFixture.Request() with { DeduplicationKey = "run=2" }], TestContext.Current.CancellationToken);

        Assert.Equal(2, fixture.Work.Steps);
        await fixture.Fixture.EndOfAsync("r", first, TestContext.Current.CancellationToken);
        Assert.All(fixture.Fixture.Activity.All, action => Assert.Equal("v1", action.RuleVersion));
    }
}
