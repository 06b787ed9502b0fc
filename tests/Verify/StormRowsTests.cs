using System.Text.Json.Nodes;

using MLEvents.Local.Host;
using MLEvents.Local.Verify.Storms;

namespace MLEvents.Local.Verify.Tests;

/// <summary>Tests how the verification judges the actions of a storm.</summary>
public sealed class StormRowsTests
{
    private static readonly string[] Events = ["1", "2", "3", "4", "5"];

    private static readonly StormAction[] Actions =
    [
        new("a", "1", "succeeded", "", null, null, ["1"]), new("b", "2", "succeeded", "", null, null, ["2"]), new("c", "3", "succeeded", "", null, null, ["3"]),
        new("d", "4", "waiting", "", "budget storm", null, ["4", "5"]), new("e", "5", "skipped", "coalesced into action d", null, null, []),
    ];

    [Fact]
    public void A_storm_within_its_limits_passes_every_row() => Assert.All(Rows(Actions, 1, ("a", 1), ("b", 1), ("c", 1)), row => Assert.True(row.Passed, $"{row}"));

    [Fact]
    public void A_storm_passes_every_row_if_one_training_stands_for_all_remaining_events()
    {
        StormAction[] actions = [Actions[0], Actions[1] with { StandsFor = ["2", "3", "4", "5"] }, Skipped("3"), Skipped("4"), Skipped("5")];
        Assert.All(Rows(actions, 1, ("a", 1), ("b", 1)), row => Assert.True(row.Passed, $"{row}"));

        static StormAction Skipped(string eventId) => new("s" + eventId, eventId, "skipped", "coalesced into action b", null, null, []);
    }

    [Fact]
    public void An_action_that_waits_although_the_budget_allows_another_training_fails_a_row() => AssertFails("trainings", Rows([.. Actions[..2], Actions[3], Actions[4]], 1, ("a", 1), ("b", 1)));

    [Fact]
    public void A_training_started_twice_is_a_duplicate() => AssertFails("trainings", Rows(Actions, 1, ("a", 2), ("b", 1), ("c", 1)));

    [Fact]
    public void A_training_beyond_the_budget_fails_its_row() => AssertFails("trainings", Rows(Actions, 1, ("a", 1), ("b", 1), ("c", 1), ("d", 1)));

    [Fact]
    public void Two_trainings_at_once_fail_their_row() => AssertFails("trainings at once", Rows(Actions, 2, ("a", 1), ("b", 1), ("c", 1)));

    [Fact]
    public void An_event_for_which_no_action_acts_fails_its_row() =>
        AssertFails("accounted for", Rows([.. Actions[..3], Actions[3] with { StandsFor = ["4"] }, Actions[4]], 1, ("a", 1), ("b", 1), ("c", 1)));

    [Fact]
    public void A_waiting_action_that_names_fewer_or_more_events_than_were_coalesced_fails_the_row()
    {
        AssertFails("coalesced", Rows([.. Actions[..3], Actions[3] with { StandsFor = ["4"] }, Actions[4]], 1, ("a", 1), ("b", 1), ("c", 1)));
        AssertFails("coalesced", Rows([.. Actions[..3], Actions[3] with { StandsFor = ["4", "5", "6"] }, Actions[4]], 1, ("a", 1), ("b", 1), ("c", 1)));
    }

    [Fact]
    public void A_held_back_event_without_a_waiting_action_fails_its_row() =>
        AssertFails("held back", Rows([.. Actions[..3], Actions[4]], 1, ("a", 1), ("b", 1), ("c", 1)));

    [Fact]
    public void Jobs_overlap_from_their_creation_until_their_end()
    {
        Assert.Equal(1, JobOverlap.Max([Job("10:00:00", "10:00:05"), Job("10:00:05", "10:00:09")]));
        Assert.Equal(2, JobOverlap.Max([Job("10:00:00", "10:00:05"), Job("10:00:04", null)]));
        Assert.Equal(0, JobOverlap.Max([]));
    }

    private static IReadOnlyList<VerificationRow> Rows(StormAction[] actions, int maxRunning, params (string Action, int Jobs)[] jobs) =>
        StormWorkload.CreateRows(new StormResult(Events, actions, maxRunning), jobs.ToDictionary(one => one.Action, one => one.Jobs));

    private static void AssertFails(string kind, IReadOnlyList<VerificationRow> rows) => Assert.False(rows.Single(row => row.Kind == kind).Passed, kind);

    private static JsonObject Job(string from, string? to) => new()
    {
        ["systemData"] = new JsonObject { ["createdAt"] = $"2026-11-28T{from}Z" },
        ["properties"] = new JsonObject { ["properties"] = to is null ? new JsonObject() : new JsonObject { ["EndTimeUtc"] = $"2026-11-28T{to}Z" } },
    };
}
