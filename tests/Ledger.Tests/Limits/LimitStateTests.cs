using MLEvents.Events.Limits;

namespace MLEvents.Ledger.Tests.Limits;

/// <summary>The decisions of a limit, without a store.</summary>
public sealed class LimitStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly Limit Waiting = new(LimitKind.Concurrency, "churn", 1, null, WhenBusy.Wait);
    private static readonly Limit Coalescing = Waiting with { WhenBusy = WhenBusy.Coalesce };
    private static readonly Limit Budget = new(LimitKind.Budget, "churn", 2, Hour, WhenBusy.Wait);

    [Fact]
    public void No_more_actions_hold_a_place_than_the_limit_allows_and_the_reason_names_the_holders()
    {
        var (state, first) = Ask(new(), "a", 1, Waiting with { Max = 2 });
        (state, var second) = Ask(state, "b", 2, Waiting with { Max = 2 });
        (state, var third) = Ask(state, "c", 3, Waiting with { Max = 2 });

        Assert.IsType<LimitDecision.Admitted>(first);
        Assert.IsType<LimitDecision.Admitted>(second);
        Assert.StartsWith("concurrency 'churn': 2 of 2 places are taken by action ", Assert.IsType<LimitDecision.Wait>(third).Reason, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], state.Uses.Keys.Order());
    }

    [Fact]
    public void A_repeated_step_keeps_its_place_and_its_events()
    {
        var (state, _) = Ask(new(), "a", 1, Coalescing);
        (state, _) = Ask(state, "b", 2, Coalescing);
        (state, _) = Ask(state, "c", 3, Coalescing);
        (state, var admitted) = Ask(state.Without("a", forgetUse: true), "c", 3, Coalescing);

        var (again, repeated) = Ask(state, "c", 3, Coalescing);

        Assert.Equal(["event-b", "event-c"], Assert.IsType<LimitDecision.Admitted>(admitted).Events.Order());
        Assert.Equal(["event-b", "event-c"], Assert.IsType<LimitDecision.Admitted>(repeated).Events.Order());
        Assert.Same(state, again);
    }

    [Fact]
    public void A_repeated_step_stores_the_events_that_have_joined_the_action_at_another_limit()
    {
        var (concurrency, _) = Ask(new(), "a", 1, Coalescing);
        var (budget, _) = Ask(new(), "a", 1, Budget);

        (concurrency, var decision) = concurrency.Decide(new("a", "r", Now, ["event-b", "event-a"]), Coalescing, Now);
        (budget, var restarted) = budget.Decide(new("a-r1", "r", Now, ["event-b", "event-a"]), Budget, Now);

        Assert.Equal(["event-a", "event-b"], Assert.IsType<LimitDecision.Admitted>(decision).Events.Order());
        Assert.Equal(["event-a", "event-b"], Assert.IsType<LimitDecision.Admitted>(restarted).Events.Order());
        Assert.All([concurrency, budget], state => Assert.Equal(["event-a", "event-b"], state.EventsOf("a").Order()));
    }

    [Fact]
    public void A_waiting_action_with_the_largest_number_of_events_also_stores_a_newer_event()
    {
        string[] events = [.. Enumerable.Range(0, LimitState.MaxEvents).Select(number => $"e{number}")];
        var (state, _) = Ask(new(), "a", 1, Waiting);
        (state, _) = state.Decide(new("b", "r", Now, events), Waiting, Now);

        (state, _) = state.Decide(new("b", "r", Now, ["newest"]), Waiting, Now);

        Assert.Equal((LimitState.MaxEvents, "newest"), (state.EventsOf("b").Count, state.EventsOf("b")[^1]));
    }

    [Fact]
    public void A_waiting_action_is_skipped_and_leaves_the_queue_if_the_rule_is_changed_to_skip()
    {
        var (state, _) = Ask(new(), "a", 1, Waiting);
        (state, _) = Ask(state, "b", 2, Waiting);

        (state, var decision) = Ask(state, "b", 2, Waiting with { WhenBusy = WhenBusy.Skip });

        Assert.Equal("concurrency 'churn': 1 of 1 place is taken by action a", Assert.IsType<LimitDecision.Skip>(decision).Reason);
        Assert.Empty(state.Queue);
    }

    [Fact]
    public void Waiting_actions_are_admitted_in_their_order_and_new_actions_do_not_overtake_them()
    {
        var (state, _) = Ask(new(), "a", 1, Waiting);
        (state, _) = Ask(state, "b", 2, Waiting);
        (state, _) = Ask(state, "c", 3, Waiting);
        state = state.Without("a", forgetUse: true);

        (state, var overtaking) = Ask(state, "d", 4, Waiting);
        (state, var second) = Ask(state, "c", 3, Waiting);
        (state, var first) = Ask(state, "b", 2, Waiting);

        Assert.Equal("concurrency 'churn': 0 of 1 place is taken; 2 actions wait before this one", Assert.IsType<LimitDecision.Wait>(overtaking).Reason);
        Assert.IsType<LimitDecision.Wait>(second);
        Assert.IsType<LimitDecision.Admitted>(first);
        Assert.Equal(["c", "d"], state.Queue.Select(waiter => waiter.Holder));
    }

    [Fact]
    public void Coalesced_events_have_one_waiting_action_that_acts_on_the_newest_event_regardless_of_the_order_of_arrival()
    {
        var (state, _) = Ask(new(), "a", 1, Coalescing);
        (state, var second) = Ask(state, "b", 2, Coalescing);
        (state, var fourth) = Ask(state, "d", 4, Coalescing);
        (state, var third) = Ask(state, "c", 3, Coalescing);
        (state, var superseded) = Ask(state, "b", 2, Coalescing);

        Assert.IsType<LimitDecision.Wait>(second);
        Assert.Equal(2, Assert.IsType<LimitDecision.Wait>(fourth).Events.Count);
        Assert.Equal("coalesced into action d, which acts for this event and a newer one", Assert.IsType<LimitDecision.Skip>(third).Reason);
        Assert.Equal("coalesced into action d, which acts for this event and a newer one", Assert.IsType<LimitDecision.Skip>(superseded).Reason);
        Assert.Equal(["event-b", "event-c", "event-d"], Assert.Single(state.Queue).Events.Order());
    }

    [Fact]
    public void A_coalesced_action_stays_known_until_its_record_has_ended()
    {
        var (state, _) = Ask(new(), "a", 1, Coalescing);
        (state, _) = Ask(state, "b", 2, Coalescing);
        (state, _) = Ask(state, "c", 3, Coalescing);

        // The process crashes after b left the limit and before the record of b ended, so b asks again. Meanwhile c was admitted.
        state = state.Without("b", forgetUse: true).WithoutEnded("a", forgetUse: true);
        (state, var admitted) = Ask(state, "c", 3, Coalescing);
        (state, var again) = Ask(state, "b", 2, Coalescing);

        Assert.IsType<LimitDecision.Admitted>(admitted);
        Assert.IsType<LimitDecision.Skip>(again);
        Assert.Empty(state.WithoutEnded("b", forgetUse: true).Superseded);
    }

    [Fact]
    public void A_newer_event_at_a_free_place_takes_over_the_events_of_the_waiting_action()
    {
        var (state, _) = Ask(new(), "a", 1, Coalescing);
        (state, _) = Ask(state, "b", 2, Coalescing);

        (state, var decision) = Ask(state.Without("a", forgetUse: true), "c", 3, Coalescing);

        Assert.Equal(["event-b", "event-c"], Assert.IsType<LimitDecision.Admitted>(decision).Events.Order());
        Assert.IsType<LimitDecision.Skip>(Ask(state, "b", 2, Coalescing).Decision);
        Assert.Empty(state.Queue);
    }

    [Fact]
    public void Actions_of_two_rules_share_the_places_of_a_key_and_coalesce_separately()
    {
        var (state, _) = Ask(new(), "a", 1, Coalescing);
        (state, _) = Ask(state, "b", 2, Coalescing);

        (state, var other) = state.Decide(new("c", "another rule", Now.AddMinutes(3), ["event-c"]), Coalescing, Now);

        Assert.Equal(["event-c"], Assert.IsType<LimitDecision.Wait>(other).Events);
        Assert.Equal(["b", "c"], state.Queue.Select(waiter => waiter.Holder));
    }

    [Fact]
    public void A_start_beyond_the_budget_waits_until_the_oldest_start_leaves_the_period()
    {
        var (state, _) = Ask(new(), "a", 0, Budget);
        (state, _) = Ask(state, "b", 10, Budget);
        (state, var held) = Ask(state, "c", 20, Budget);
        var (_, later) = Ask(state, "c", 60, Budget);

        Assert.Equal(Now.AddMinutes(60), Assert.IsType<LimitDecision.Wait>(held).Until);
        Assert.StartsWith("budget 'churn': 2 of 2 starts in 01:00:00 are used, by action b, action a; the next start is possible at 2026-11-01 13:00:00Z", ReasonOf(held), StringComparison.Ordinal);
        Assert.IsType<LimitDecision.Admitted>(later);
    }

    [Fact]
    public void An_action_waits_until_several_starts_leave_the_period_after_the_budget_is_lowered_and_does_not_wait_after_the_budget_is_raised()
    {
        var (state, _) = Ask(new(), "a", 0, Budget);
        (state, _) = Ask(state, "b", 10, Budget);
        (state, _) = Ask(state, "c", 20, Budget);

        Assert.Equal(Now.AddMinutes(70), Assert.IsType<LimitDecision.Wait>(Ask(state, "c", 30, Budget with { Max = 1 }).Decision).Until);
        Assert.IsType<LimitDecision.Admitted>(Ask(state, "c", 30, Budget with { Max = 3 }).Decision);
    }

    [Fact]
    public void A_cooldown_skips_other_actions_until_its_end_and_admits_a_restart_of_the_action_that_started_it()
    {
        var cooldown = new Limit(LimitKind.Cooldown, "m1", 1, Hour, WhenBusy.Skip);
        var (state, _) = Ask(new(), "a", 0, cooldown);

        Assert.Equal(Now.AddMinutes(60), Assert.IsType<LimitDecision.Skip>(Ask(state, "b", 30, cooldown).Decision).Until);
        Assert.IsType<LimitDecision.Admitted>(Ask(state, "a-r1", 30, cooldown).Decision);
        Assert.IsType<LimitDecision.Admitted>(Ask(state, "b", 61, cooldown).Decision);
    }

    [Fact]
    public void A_rule_with_a_shorter_period_does_not_forget_the_starts_that_a_rule_with_a_longer_period_counts()
    {
        var (state, _) = Ask(new(), "a", 0, Budget with { Max = 1, Period = TimeSpan.FromHours(6) });
        (state, _) = Ask(state, "b", 120, Budget with { Max = 1 });

        Assert.IsType<LimitDecision.Wait>(Ask(state, "c", 240, Budget with { Max = 1, Period = TimeSpan.FromHours(6) }).Decision);
    }

    [Fact]
    public void The_ids_of_the_newest_events_are_kept_and_their_number_is_bounded()
    {
        string[] before = [.. Enumerable.Range(0, LimitState.MaxEvents).Select(number => $"e{number}")];

        var union = LimitState.Union(before, ["newest"]);

        Assert.Equal((LimitState.MaxEvents, "e1", "newest"), (union.Count, union[0], union[^1]));
    }

    private static string ReasonOf(LimitDecision decision) => Assert.IsType<LimitDecision.Wait>(decision).Reason;

    private static (LimitState State, LimitDecision Decision) Ask(LimitState state, string holder, int minute, Limit limit) =>
        state.Decide(new(holder, "r", Now.AddMinutes(minute), [$"event-{holder.Split('-')[0]}"]), limit, Now.AddMinutes(minute));
}
