using MLEvents.Notifier.States;

namespace MLEvents.Notifier.Tests.States;

/// <summary>Tests the decisions of an alert with a state. The tests use no store.</summary>
public sealed class AlertStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Remind = TimeSpan.FromHours(4);

    private AlertStateDocument _state = new();

    [Fact]
    public void The_first_opening_event_is_sent_repetitions_are_counted_and_the_resolving_event_is_sent_once()
    {
        Assert.Equal(AlertNotice.Opened, Decide("a", true, 0).Notice);
        Assert.Equal((AlertNotice.None, "the alert has been open since 2026-11-01 12:00:00Z; this is repetition 1"), Sent(Decide("b", true, 10)));
        Assert.Equal((AlertNotice.None, "the alert has been open since 2026-11-01 12:00:00Z; this is repetition 2"), Sent(Decide("c", true, 20)));
        Assert.Equal(AlertNotice.Resolved, Decide("d", false, 30).Notice);
        Assert.Equal((AlertNotice.None, "the alert is not open"), Sent(Decide("e", false, 40)));
        Assert.Equal(AlertNotice.Opened, Decide("f", true, 50).Notice);
    }

    [Fact]
    public void An_event_that_resolves_nothing_is_not_sent() => Assert.Equal((AlertNotice.None, "the alert is not open"), Sent(Decide("a", false, 0)));

    [Fact]
    public void A_repetition_is_sent_as_a_reminder_when_the_last_message_is_old_enough()
    {
        Decide("a", true, 0);
        Decide("b", true, 239);

        var reminder = Decide("c", true, 240);

        Assert.Equal((AlertNotice.Reminder, 2), (reminder.Notice, reminder.Repeats));
        Assert.Equal(AlertNotice.None, Decide("d", true, 300).Notice);
        Assert.Equal(AlertNotice.Reminder, Decide("e", true, 480).Notice);
    }

    [Fact]
    public void A_repeated_step_gets_the_same_decision_and_is_counted_once()
    {
        Decide("a", true, 0);
        var counted = Decide("b", true, 10);
        Decide("c", false, 20);
        var before = _state;

        Assert.Equal(AlertNotice.Opened, Decide("a", true, 0).Notice);
        Assert.Equal(counted, Decide("b", true, 10));
        Assert.Equal(AlertNotice.Resolved, Decide("c", false, 20).Notice);
        Assert.Same(before, _state);
    }

    [Fact]
    public void Events_that_arrive_late_neither_open_nor_resolve_the_alert()
    {
        Decide("resolved", false, 20);

        Assert.Equal((AlertNotice.None, "its event is older than the recovery of the alert at 2026-11-01 12:20:00Z"), Sent(Decide("opened-before", true, 10)));
        Assert.Equal(AlertNotice.Opened, Decide("opened", true, 30).Notice);
        Assert.Equal((AlertNotice.None, "its event is older than the opening of the alert at 2026-11-01 12:30:00Z"), Sent(Decide("resolved-before", false, 25)));
        Assert.True(_state.IsOpen);
    }

    private static (AlertNotice Notice, string Reason) Sent(AlertDecision decision) => (decision.Notice, decision.Reason);

    private AlertDecision Decide(string action, bool isOpening, int minute)
    {
        (_state, var decision) = _state.Decide(action, isOpening, Now.AddMinutes(minute), Remind, Now.AddMinutes(minute));
        return decision;
    }
}
