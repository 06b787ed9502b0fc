namespace MLEvents.Ledger.Tests;

public sealed class FairConcurrencyLimiterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_rule_with_a_backlog_leaves_places_for_the_others()
    {
        var places = new FairConcurrencyLimiter(8);

        var first = places.Take([.. Due("busy", 20)]);
        var second = places.Take([.. Due("busy", 20), .. Due("rare", 1)]);

        Assert.Equal(6, first.Count);
        Assert.Equal("rare", Assert.Single(second).Rule);
    }

    [Fact]
    public void Rules_take_turns_whoever_has_waited_longer()
    {
        var taken = new FairConcurrencyLimiter(4).Take([.. Due("old", 10), .. Due("new", 10)]);

        Assert.Equal(2, taken.Count(action => action.Rule == "old"));
        Assert.Equal(["old-0", "old-1"], taken.Where(action => action.Rule == "old").Select(action => action.Id));
    }

    [Fact]
    public void What_is_under_way_gets_no_second_place_until_its_own_is_free()
    {
        var places = new FairConcurrencyLimiter(8);
        places.Take([.. Due("r", 1)]);

        Assert.Empty(places.Take([.. Due("r", 1)]));
        places.Free("r-0");
        Assert.Single(places.Take([.. Due("r", 1)]));
    }

    [Fact]
    public void An_action_that_was_made_due_again_while_it_ran_is_reported_when_its_place_is_free()
    {
        var places = new FairConcurrencyLimiter(8);
        var first = Assert.Single(places.Take([.. Due("r", 1)]));
        places.Take([first with { DueAt = first.DueAt.AddSeconds(1) }]);

        Assert.True(places.Free("r-0"));
        Assert.Single(places.Take([.. Due("r", 1)]));
        Assert.False(places.Free("r-0"));
    }

    [Fact]
    public void The_entry_that_an_action_was_started_with_is_not_reported_again()
    {
        var places = new FairConcurrencyLimiter(8);
        places.Take([.. Due("r", 1)]);
        places.Take([.. Due("r", 1)]);

        Assert.False(places.Free("r-0"));
    }

    [Fact]
    public void A_single_place_is_for_any_rule() => Assert.Single(new FairConcurrencyLimiter(1).Take([.. Due("r", 3)]));

    [Fact]
    public void What_got_no_place_keeps_waiting()
    {
        List<PendingAction> waiting = [.. Due("r", 3)];

        new FairConcurrencyLimiter(2).Take(waiting);

        Assert.Equal(["r-2"], waiting.Select(action => action.Id));
    }

    [Fact]
    public async Task Emptiness_is_reported_when_the_last_place_is_free()
    {
        var places = new FairConcurrencyLimiter(2);
        places.Take([.. Due("r", 1)]);

        var empty = places.WhenEmpty();
        Assert.False(empty.IsCompleted);
        places.Free("r-0");

        await empty.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<PendingAction> Due(string rule, int count) => Enumerable.Range(0, count).Select(number => new PendingAction($"{rule}-{number}", rule, Noon.AddSeconds(number)));
}
