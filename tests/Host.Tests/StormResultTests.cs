namespace MLEvents.Local.Host.Tests;

/// <summary>Checks how the host evaluates the actions that a storm of events caused.</summary>
public sealed class StormResultTests
{
    private static readonly string[] Events = ["e1", "e2", "e3", "e4", "e5", "e6"];

    private static readonly StormAction[] Complete =
    [
        Action("e1", "succeeded", standsFor: ["e1"]),
        Action("e2", "succeeded", standsFor: ["e2"]),
        Action("e3", "skipped", "coalesced into action a4, which acts for this event and a newer one"),
        Action("e4", "succeeded", standsFor: ["e3", "e4"]),
        Action("e5", "skipped", "coalesced into action a6, which acts for this event and a newer one"),
        Action("e6", "waiting", "waits for budget 'storm': …", "budget 'storm'", ["e5", "e6"]),
    ];

    [Fact]
    public void A_storm_is_settled_when_the_allowed_trainings_have_ended_and_every_event_is_accounted_for()
    {
        var result = new StormResult(Events, Complete, 1);

        Assert.Empty(result.Missing);
        Assert.Empty(result.Unaccounted);
        Assert.Equal((6, 3, 1, 2), (result.Events, result.Runs.Count, result.Waiting.Count, result.CoalescedEvents));
    }

    [Fact]
    public void Two_trainings_are_enough_when_they_acted_for_all_events()
    {
        StormAction[] actions =
        [
            Action("e1", "succeeded"), Action("e2", "skipped", "coalesced into action a3, which acts for this event and a newer one"), Action("e3", "succeeded", standsFor: ["e2", "e3"]),
        ];

        var result = new StormResult(["e1", "e2", "e3"], actions, 1);

        Assert.Empty(result.Missing);
        Assert.True(result.IsSettled);
    }

    [Fact]
    public void An_extra_training_concurrent_trainings_and_a_lost_event_are_reported()
    {
        StormAction[] actions = [.. Complete.Take(4), Action("e5", "succeeded", standsFor: ["e5"]), Action("e6", "failed", "quota", standsFor: ["e5", "e6"])];

        var result = new StormResult([.. Events, "e7"], actions, 2);

        Assert.Equal(["e5", "e7"], result.Unaccounted);
        Assert.Equal(
            [
                "exactly 3 trainings that succeeded (4 of 5 succeeded)",
                "one training at a time (up to 2 ran at the same time)",
                "exactly one action for every event (2 have none or several)",
                "all trainings ended, and all other actions coalesced or waiting for the budget",
            ],
            result.Missing);
    }

    [Fact]
    public void A_storm_is_not_settled_while_a_superseded_action_still_waits()
    {
        StormAction[] actions = [.. Complete.Take(4), Action("e5", "waiting", "waits for budget 'storm': …", "budget 'storm'"), Complete[5]];

        var result = new StormResult(Events, actions, 1);

        Assert.Equal(["e5"], result.Unaccounted);
        Assert.False(result.IsSettled);
    }

    private static StormAction Action(string eventId, string status, string detail = "", string? heldBackBy = null, string[]? standsFor = null) =>
        new($"a{eventId[1..]}", eventId, status, detail, heldBackBy, null, standsFor ?? [eventId]);
}
