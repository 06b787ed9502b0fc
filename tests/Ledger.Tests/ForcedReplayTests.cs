using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.State;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>The handling of an event that an operator replays with force.</summary>
public sealed class ForcedReplayTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_forced_replay_repeats_a_finished_action_once_with_the_current_plan()
    {
        await using var fixture = await LedgerFixture.StartAsync((record, _) => new Succeeded { Detail = $"{record.RemoteId} {record.Plan.GetRawText()}" }, Token);
        await fixture.Runner.RunAsync(Event, [Asking("old")], Token);
        await fixture.Runner.RunAsync(Event, [Asking("new")], Token);

        foreach (var token in (string[])["first", "first", "second", "second"])
        {
            await fixture.Runner.RunAsync(Forced(token), [Asking(token)], Token);
        }

        Assert.Equal(3, fixture.Work.Steps);
        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, 2, "second", $"{record.Id}-r2 \"second\""), (record.Status, record.Generation, record.ForcedBy, record.Detail));
        Assert.Empty(record.EarlierRemoteIds);
        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task Redeliveries_of_two_replays_in_any_order_repeat_nothing()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        await fixture.Runner.RunAsync(Event, [Asking("it")], Token);

        foreach (var token in (string[])["a", "b", "a", "b", "a"])
        {
            await fixture.Runner.RunAsync(Forced(token), [Asking("it")], Token);
        }

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((3, 2, "b"), (fixture.Work.Steps, record.Generation, record.ForcedBy));
    }

    [Fact]
    public async Task Two_replays_that_meet_an_action_in_progress_are_both_recorded()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Work.IsGated = true;
        var running = fixture.Runner.RunAsync(Event, [Asking("it")], Token);
        await fixture.Work.Taken.FirstAsync(_ => true, Token);

        await fixture.Runner.RunAsync(Forced("a"), [Asking("it")], Token);
        await fixture.Runner.RunAsync(Forced("b"), [Asking("it")], Token);
        fixture.Work.Gate.SetResult();
        await running;
        await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        await fixture.Runner.RunAsync(Forced("a"), [Asking("it")], Token);
        await fixture.Runner.RunAsync(Forced("b"), [Asking("it")], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((1, 0, "b"), (fixture.Work.Steps, record.Generation, record.ForcedBy));
    }

    [Fact]
    public async Task Concurrent_deliveries_of_a_forced_replay_to_two_replicas_repeat_the_action_once()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var replica = await fixture.AddReplicaAsync(Token);
        await fixture.Runner.RunAsync(Event, [Asking("it")], Token);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(n => Task.Run(() => (n % 2 == 0 ? fixture.Runner : replica).RunAsync(Forced("once"), [Asking("it")], Token), Token)));

        Assert.Equal(1, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Generation);
        Assert.Equal(2, fixture.Work.Steps);
    }

    [Fact]
    public async Task Redeliveries_of_a_forced_replay_that_created_the_action_do_not_repeat_it()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);

        await fixture.Runner.RunAsync(Forced("first"), [Asking("it")], Token);
        await fixture.Runner.RunAsync(Forced("first"), [Asking("it")], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((1, 0, 2), (fixture.Work.Steps, record.Generation, record.Version));
    }

    [Fact]
    public async Task A_forced_replay_runs_an_action_whose_rule_was_corrected()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Fixture.Service.Expected = log => log.Message.Contains("no such variable", StringComparison.Ordinal);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request("no such variable")], Token);

        await fixture.Runner.RunAsync(Forced("first"), [LedgerFixture.Request("still no such variable")], Token);
        var still = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        await fixture.Runner.RunAsync(Forced("second"), [Asking("it")], Token);

        Assert.Equal((ActionStatus.Failed, "still no such variable"), (still.Status, still.Detail));
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        await fixture.Fixture.Service.AskUntilAsync("/actions?status=failed", list => list.GetProperty("items").GetArrayLength() == 0, Token);
    }

    [Fact]
    public async Task A_forced_replay_does_not_change_a_waiting_action()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), Token);
        await fixture.Runner.RunAsync(Event, [Asking("it")], Token);

        await fixture.Runner.RunAsync(Forced("first"), [Asking("it")], Token);

        var record = await fixture.RecordAsync(Event, record => record.Stage == "job-submitted", Token);
        Assert.Equal((1, 0), (fixture.Work.Steps, record.Generation));
    }

    [Fact]
    public async Task A_replay_that_meets_an_action_in_progress_is_recorded_and_its_redelivery_after_the_end_does_not_repeat_the_action()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        fixture.Work.IsGated = true;
        var running = fixture.Runner.RunAsync(Event, [Asking("it")], Token);
        await fixture.Work.Taken.FirstAsync(_ => true, Token);

        await fixture.Runner.RunAsync(Forced("first"), [Asking("it")], Token);
        fixture.Work.Gate.SetResult();
        await running;
        await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        await fixture.Runner.RunAsync(Forced("first"), [Asking("it")], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((1, 0, "first"), (fixture.Work.Steps, record.Generation, record.ForcedBy));
    }

    [Fact]
    public async Task A_token_that_the_ingress_did_not_issue_repeats_no_action()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var handler = fixture.Services.GetRequiredService<ITopicHandler>();
        fixture.Requests.Now = [Asking("it")];
        await handler.HandleAsync(Event, Token);

        foreach (var token in (string[])["forged", "forged again", ""])
        {
            await handler.HandleAsync(Forced(token), Token);
        }

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((1, 0, null), (fixture.Work.Steps, record.Generation, record.ForcedBy));
        Assert.False(record.Event.TryGetProperty(ForcedReplay.Attribute, out _));
    }

    [Fact]
    public async Task A_token_repeats_only_the_actions_of_the_event_for_which_the_ingress_issued_it()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var handler = fixture.Services.GetRequiredService<ITopicHandler>();
        var issued = new ForcedReplays(fixture.Fixture.Dapr);
        fixture.Requests.Now = [Asking("it")];
        await handler.HandleAsync(Event, Token);
        await issued.IssueAsync("other", Event.Source, Event.Id + "-other", TimeSpan.FromDays(1), Token);
        await issued.IssueAsync("own", Event.Source, Event.Id, TimeSpan.FromDays(1), Token);

        await handler.HandleAsync(Forced("other"), Token);
        await handler.HandleAsync(Forced("own"), Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((2, 1, "own"), (fixture.Work.Steps, record.Generation, record.ForcedBy));
    }

    [Fact]
    public async Task Without_the_state_store_a_forced_replay_is_redelivered()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var handler = fixture.Services.GetRequiredService<ITopicHandler>();
        fixture.Requests.Now = [Asking("it")];
        await fixture.Fixture.StopSidecarAsync();

        var exception = await Assert.ThrowsAsync<Dapr.DaprException>(() => handler.HandleAsync(Forced("any"), Token));

        Assert.True(DaprFailures.IsTransient(exception));
        Assert.Equal(0, fixture.Work.Steps);
    }

    private static PlannedAction Asking(string what) => LedgerFixture.Request() with { Plan = JsonSerializer.SerializeToElement(what) };

    private static WorkflowEvent Forced(string token)
    {
        var members = Event.Envelope.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        members[ForcedReplay.Attribute] = JsonSerializer.SerializeToElement(token);
        return Event with { Envelope = JsonSerializer.SerializeToElement(members) };
    }
}
