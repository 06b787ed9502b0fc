using MLEvents.Local.Simulator.Client;
using MLEvents.Local.Verify.Rollouts;

namespace MLEvents.Local.Verify.Tests;

/// <summary>Tests how the verification judges the changes of an endpoint.</summary>
public sealed class RolloutHistoryTests
{
    private static readonly RolloutCase Canary = new(RolloutKind.Canary, 0);
    private static readonly EndpointChange[] AsTheRuleSays =
    [
        Created("blue", 1), Traffic(("blue", 100)), Created("green", 2), Traffic(("blue", 90), ("green", 10)), Traffic(("blue", 50), ("green", 50)), Traffic(("green", 100), ("blue", 0)), Deleted("blue", 1, ("green", 100)),
    ];

    [Fact]
    public void A_roll_out_that_followed_the_rule_passes_every_row()
    {
        var rows = Rows(AsTheRuleSays);

        Assert.All(rows, row => Assert.True(row.Passed, $"{row}"));
        Assert.Equal(4, rows.Single(row => row.Kind == "traffic steps").Done);
    }

    [Fact]
    public void A_deployment_that_was_created_twice_is_a_duplicate() =>
        Assert.Equal(1, Rows([.. AsTheRuleSays, Created("green-again", 2)]).Single(row => row.Kind == "deployments created").Duplicates);

    [Fact]
    public void A_traffic_step_that_the_rule_does_not_have_fails_its_row() =>
        AssertFails("traffic steps", Rows([.. AsTheRuleSays[..3], Traffic(("blue", 70), ("green", 30)), .. AsTheRuleSays[3..]]));

    [Fact]
    public void A_roll_out_whose_traffic_stays_at_an_earlier_step_fails_both_traffic_rows()
    {
        var rows = Rows(AsTheRuleSays[..5]);

        AssertFails("traffic at the end", rows);
        AssertFails("traffic steps", rows);
    }

    [Fact]
    public void A_deletion_of_a_deployment_that_has_traffic_and_that_the_rule_keeps_fails_both_deletion_rows()
    {
        var rows = Rows([.. AsTheRuleSays[..^1], Deleted("green", 2, ("green", 100))]);

        AssertFails("deleted with traffic", rows);
        AssertFails("deployments deleted", rows);
    }

    [Fact]
    public void An_action_that_did_not_end_as_the_rule_says_fails_its_row() => AssertFails("roll-outs", Rows(AsTheRuleSays, second: "running"));

    [Fact]
    public void The_cases_alternate_between_all_kinds() =>
        Assert.Equal(["canary-0", "bad-model-1", "approval-2", "canary-3"], RolloutCase.Create(4).Select(one => one.Model));

    private static IReadOnlyList<VerificationRow> Rows(EndpointChange[] changes, string second = "succeeded") =>
        RolloutRows.Create([new RolloutOutcome(Canary, [new("a", "succeeded", "", ""), new("b", second, "", "")], RolloutHistory.Read(Canary.Model, changes))]);

    private static void AssertFails(string kind, IReadOnlyList<VerificationRow> rows) => Assert.False(rows.Single(row => row.Kind == kind).Passed, kind);

    private static EndpointChange Created(string deployment, int version) => Change("created", deployment, version);

    private static EndpointChange Deleted(string deployment, int version, params (string, int)[] shares) => Change("deleted", deployment, version, shares);

    private static EndpointChange Traffic(params (string, int)[] shares) => Change("traffic", null, null, shares);

    private static EndpointChange Change(string kind, string? deployment, int? version, params (string Name, int Share)[] shares) =>
        new(1, DateTimeOffset.UnixEpoch, kind, Canary.Model, deployment, version is null ? null : $"{Canary.Model}:{version}", shares.ToDictionary(share => share.Name, share => share.Share));
}
