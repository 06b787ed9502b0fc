using MLEvents.Events;
using MLEvents.State;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>The number of calls to the sidecar for an event, and when the changes of its actions are published.</summary>
public sealed class EventCostTests : IAsyncDisposable
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");
    private readonly SidecarCalls _calls = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _calls.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_action_that_ends_in_its_first_step_costs_four_calls()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);

        // The first publication also asks the sidecar which methods it has, so the test counts the calls of the second event.
        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [LedgerFixture.Request()], Token);
        var before = _calls.Methods.Count;

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(["SaveState", "GetState", "BulkPublishEvent", "SaveState"], CallsSince(before));
        Assert.Equal(["accepted", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
    }

    [Fact]
    public async Task The_reconciler_does_not_read_the_index_repeatedly_while_a_step_runs()
    {
        await using var fixture = await LedgerFixture.StartAsync(
            (record, _) => record.Stage.Length == 0 ? new Continue("waiting", TimeSpan.FromMilliseconds(10)) : new Succeeded(), _calls, Token);
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, "waiting");
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        fixture.Time.Advance(TimeSpan.FromMilliseconds(20));
        await fixture.Work.Taken.FirstAsync(record => record.Stage == "waiting", Token);
        var before = _calls.Methods.Count;

        // A reconciler that did not wait would read the index during these reads.
        for (var read = 0; read < 50; read++)
        {
            await fixture.Records.FindAsync("none", Token);
        }

        Assert.InRange(CallsSince(before).Count(method => method == "GetBulkState"), 0, 3);
        fixture.Work.Gate.SetResult();
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
    }

    [Fact]
    public async Task A_repeated_event_costs_two_calls()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var before = _calls.Methods.Count;

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(["SaveState", "GetState"], CallsSince(before));
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task An_event_without_actions_costs_no_call()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var before = _calls.Methods.Count;

        await fixture.Runner.RunAsync(Event, [], Token);

        Assert.Empty(CallsSince(before));
    }

    [Fact]
    public async Task An_event_without_actions_starts_no_timer()
    {
        // No other timer of the service has this length.
        var budget = TimeSpan.FromSeconds(7.5);
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token, ("Ledger:HandlerBudget", $"{budget}"));

        await fixture.Runner.RunAsync(Event, [], Token);
        var without = fixture.Time.CountWaits(budget);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal((0, 1), (without, fixture.Time.CountWaits(budget)));
    }

    [Fact]
    public async Task Actions_of_many_events_share_their_calls()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var before = _calls.Methods.Count;

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [LedgerFixture.Request()], Token)));

        Assert.InRange(CallsSince(before).Count, 4, 80);
        Assert.Equal(40, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_long_first_step_is_announced_before_it_ends()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        fixture.Work.IsGated = true;

        var run = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await fixture.Work.Taken.FirstAsync(_ => true, Token);
        fixture.Time.Advance(Announcement.MaxSilence);
        await fixture.Fixture.Activity.FirstAsync(action => action.Status == "accepted", Token);
        Assert.False(run.IsCompleted);
        fixture.Work.Gate.SetResult();
        await run;

        Assert.Equal(["accepted", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
    }

    [Fact]
    public async Task A_takeover_of_an_action_that_was_not_announced_announces_it()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var now = fixture.Time.GetUtcNow();

        // The record of a process that ended between its claim and the result of the step.
        await fixture.Records.TryCreateAsync(LedgerFixture.Request().ToRecord("tester", Event, now) with { LeaseOwner = "dead", LeaseUntil = now.AddSeconds(-1) }, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(["accepted", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
    }

    [Fact]
    public async Task A_read_of_the_index_that_is_not_answered_ends_after_the_time_limit_and_the_next_read_is_sent()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        Hang("GetBulkState");

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => AfterLimitAsync(fixture, fixture.Pending.ListAsync(Token)));
        Assert.Contains("state store 'statestore'", exception.Message, StringComparison.Ordinal);
        _calls.OnCall = call => call.ForwardAsync();
        Assert.Empty(await fixture.Pending.ListAsync(Token));
    }

    [Fact]
    public async Task An_action_ends_once_although_the_answers_to_both_of_its_writes_are_lost()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var writes = 0;
        _calls.OnCall = async call =>
        {
            var response = await call.ForwardAsync();
            return call.Method == "SaveState" && Interlocked.Increment(ref writes) <= 2 ? SidecarCall.Fail(Grpc.Core.StatusCode.Unavailable) : response;
        };

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        var record = await fixture.RecordAsync(Event, record => record.IsFinished, Token);
        Assert.Equal((1, ActionStatus.Succeeded, 1, false), (fixture.Work.Steps, record.Status, record.Attempt, record.Interrupted));
        Assert.Equal(2, writes);
    }

    private void Hang(string method) => _calls.OnCall = async call =>
    {
        if (call.Method == method)
        {
            await Never.CompletesAsync(call.Cancelled);
        }

        return await call.ForwardAsync();
    };

    // The call may begin after an advance of the clock, so the clock advances until the call has ended.
    private static async Task AfterLimitAsync(LedgerFixture fixture, Task call)
    {
        await Poll.UntilAsync(
            () =>
            {
                fixture.CallTime.Advance(CallTimeout.Limit);
                return call.IsCompleted;
            },
            Token);
        await call;
    }

    private List<string> CallsSince(int before) => [.. _calls.Methods.Skip(before)];
}
