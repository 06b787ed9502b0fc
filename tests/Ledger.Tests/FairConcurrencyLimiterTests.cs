namespace MLEvents.Ledger.Tests;

public sealed class FairConcurrencyLimiterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_rule_with_a_backlog_leaves_slots_for_other_rules()
    {
        var limiter = new FairConcurrencyLimiter(8);

        var first = limiter.Take([.. Due("busy", 20)]);
        var second = limiter.Take([.. Due("busy", 20), .. Due("rare", 1)]);

        Assert.Equal(6, first.Count);
        Assert.Equal("rare", Assert.Single(second).Rule);
    }

    [Fact]
    public void Rules_take_turns_even_if_one_rule_has_older_actions()
    {
        var taken = new FairConcurrencyLimiter(4).Take([.. Due("old", 10), .. Due("new", 10)]);

        Assert.Equal(2, taken.Count(action => action.Rule == "old"));
        Assert.Equal(["old-0", "old-1"], taken.Where(action => action.Rule == "old").Select(action => action.Id));
    }

    [Fact]
    public void A_running_action_gets_no_second_slot()
    {
        var limiter = new FairConcurrencyLimiter(8);
        limiter.Take([.. Due("r", 1)]);

        Assert.Empty(limiter.Take([.. Due("r", 1)]));
        limiter.Free("r-0");
        Assert.Single(limiter.Take([.. Due("r", 1)]));
    }

    [Fact]
    public void An_action_that_became_due_again_while_it_ran_is_reported_when_its_slot_is_released()
    {
        var limiter = new FairConcurrencyLimiter(8);
        var first = Assert.Single(limiter.Take([.. Due("r", 1)]));
        limiter.Take([first with { DueAt = first.DueAt.AddSeconds(1) }]);

        Assert.True(limiter.Free("r-0"));
        Assert.Single(limiter.Take([.. Due("r", 1)]));
        Assert.False(limiter.Free("r-0"));
    }

    [Fact]
    public void An_action_whose_entry_did_not_change_while_it_ran_is_not_reported()
    {
        var limiter = new FairConcurrencyLimiter(8);
        limiter.Take([.. Due("r", 1)]);
        limiter.Take([.. Due("r", 1)]);

        Assert.False(limiter.Free("r-0"));
    }

    [Fact]
    public void A_single_slot_is_for_any_rule() => Assert.Single(new FairConcurrencyLimiter(1).Take([.. Due("r", 3)]));

    [Fact]
    public void An_action_without_a_slot_keeps_waiting()
    {
        List<IndexedAction> waiting = [.. Due("r", 3)];

        new FairConcurrencyLimiter(2).Take(waiting);

        Assert.Equal(["r-2"], waiting.Select(action => action.Id));
    }

    [Fact]
    public async Task WhenEmpty_completes_when_the_last_slot_is_released()
    {
        var limiter = new FairConcurrencyLimiter(2);
        limiter.Take([.. Due("r", 1)]);

        var empty = limiter.WhenEmpty();
        Assert.False(empty.IsCompleted);
        limiter.Free("r-0");

        await empty.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<IndexedAction> Due(string rule, int count) => Enumerable.Range(0, count).Select(number => new IndexedAction($"{rule}-{number}", rule, Noon.AddSeconds(number)));
}
