using Microsoft.Extensions.DependencyInjection;

using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public class FollowUpsTests
{
    private static readonly ActionRecord Cause = LedgerFixture.Record("0000000000000000000a") with
    {
        RuleVersion = "v1",
        CorrelationId = "chain-1",
        Event = SampleEvents.Create("RunCompleted", id: "e1").Envelope,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_follow_up_that_is_requested_concurrently_is_executed_once()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded { Detail = "done" }, Token);
        var followUp = Due(DateTimeOffset.UnixEpoch);

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Of(fixture).EnsureAsync(Cause, followUp, Token)));
        var end = await fixture.Fixture.Activity.FirstAsync(action => action.Status == "succeeded", Token);

        Assert.Contains(true, asked);
        Assert.Equal((followUp.IdFor(Cause), "r", "v1", "chain-1", "e1", "done"), (end.ActionId, end.Rule, end.RuleVersion, end.CorrelationId, end.Event.Id, end.Detail));
        Assert.Equal("waits", fixture.Fixture.Activity.All.First(action => action.Status == "accepted").Detail);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_follow_up_waits_until_it_is_due()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var dueAt = DateTimeOffset.UnixEpoch.AddYears(200);

        Assert.True(await Of(fixture).EnsureAsync(Cause, Due(dueAt), Token));
        Assert.True(await Of(fixture).EnsureAsync(Cause, Due(dueAt), Token));

        Assert.Equal(dueAt, (await fixture.PendingAsync(pending => pending.Rule == "r", Token)).DueAt);
        Assert.Equal(0, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_follow_up_that_is_missing_in_the_pending_index_is_executed_when_it_is_requested_again()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var followUp = Due(DateTimeOffset.UnixEpoch);
        Assert.True(await fixture.Records.TryCreateAsync(followUp.ToRecord(Cause, DateTimeOffset.UnixEpoch), Token));

        Assert.True(await Of(fixture).EnsureAsync(Cause, followUp, Token));

        await fixture.Fixture.Activity.FirstAsync(action => action.ActionId == followUp.IdFor(Cause) && action.Status == "succeeded", Token);
    }

    [Fact]
    public async Task EnsureAsync_returns_false_for_a_finished_follow_up()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Skipped(), Token);
        var followUp = Due(DateTimeOffset.UnixEpoch);
        await Of(fixture).EnsureAsync(Cause, followUp, Token);
        await fixture.Fixture.Activity.FirstAsync(action => action.Status == "skipped", Token);

        var isPending = true;
        while (isPending)
        {
            // The activity is published just before the record is stored, so the follow-up may still be pending here.
            isPending = await Of(fixture).EnsureAsync(Cause, followUp, Token);
        }

        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public void The_id_of_a_follow_up_depends_on_service_rule_and_name_and_differs_from_the_ids_of_actions_for_events()
    {
        var followUp = Due(DateTimeOffset.UnixEpoch);

        string[] ids =
        [
            followUp.IdFor(Cause), followUp.IdFor(Cause with { Service = "s" }), followUp.IdFor(Cause with { Rule = "r2" }), (followUp with { Name = "other" }).IdFor(Cause),
            ActionRecord.IdOf("tester", "r", Cause.ReadEvent()), ActionRecord.IdOf("tester", "r", Cause.ReadEvent(), "digest"),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.True(ActionRecord.IsId(id)));
    }

    private static IFollowUps Of(LedgerFixture fixture) => fixture.Services.GetRequiredService<IFollowUps>();

    private static FollowUp Due(DateTimeOffset at) => new("digest", System.Text.Json.JsonSerializer.SerializeToElement("plan"), at, "waits");
}
