using MLEvents.Tests.Common.Town;

namespace MLEvents.Ledger.Tests;

public sealed class OccasionTests
{
    [Fact]
    public async Task Events_of_one_occasion_are_one_action_and_the_activity_names_the_version_of_the_rules()
    {
        var first = SampleEvents.Of("RunCompleted", id: "first");
        await using var town = await LedgerTown.StartAsync((_, _) => new Succeeded(), TestContext.Current.CancellationToken);
        var again = SampleEvents.Of("RunCompleted", id: "another-id-for-the-same");

        await town.Runner.RunAsync(first, [LedgerTown.Request() with { Occasion = "run=1" }], TestContext.Current.CancellationToken);
        await town.Runner.RunAsync(again, [LedgerTown.Request() with { Occasion = "run=1" }], TestContext.Current.CancellationToken);
        await town.Runner.RunAsync(again, [LedgerTown.Request() with { Occasion = "run=2" }], TestContext.Current.CancellationToken);

        Assert.Equal(2, town.Work.Steps);
        await town.Town.EndOfAsync("r", first, TestContext.Current.CancellationToken);
        Assert.All(town.Town.Activity.All, action => Assert.Equal("v1", action.RuleVersion));
    }
}
