using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Ledger.Activity;
using MLEvents.Ledger.Approvals;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>A broker that refuses events of actions, for instance because a topic is full, does not stop actions. The events are published when the broker accepts them again.</summary>
public sealed class UnpublishedEventsTests : IAsyncDisposable
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");
    private static readonly string Id = ActionRecord.IdOf("tester", "r", Event);
    private readonly SidecarCalls _calls = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Publications => _calls.Methods.Count(method => method.Contains("Publish", StringComparison.Ordinal));

    public ValueTask DisposeAsync()
    {
        _calls.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Actions_end_and_their_events_are_published_later(bool isCallRefused)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        Refuse(isCallRefused);

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var kept = await fixture.RecordAsync(Event, record => record.IsFinished, Token);

        Assert.Equal((ActionStatus.Succeeded, 4, 1), (kept.Status, kept.Version, fixture.Work.Steps));
        Assert.Equal(["accepted", "succeeded"], Statuses(kept));
        Assert.Equal(Id, Assert.Single(await fixture.Pending.ListAsync(Token)).Id);

        Accept();
        await FlushedAsync(fixture, Event);

        Assert.Equal(["accepted", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
        Assert.Equal(1, (await fixture.RecordAsync(Event, _ => true, Token)).Version);
        Assert.Equal(1, fixture.Work.Steps);
    }

    [Fact]
    public async Task No_action_waits_for_a_broker_that_just_refused_events()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        Refuse();
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        var before = Publications;
        var second = SampleEvents.Create("RunCompleted", id: "second");

        await fixture.Runner.RunAsync(second, [LedgerFixture.Request()], Token);

        Assert.Equal(["accepted", "succeeded"], Statuses(await fixture.RecordAsync(second, record => record.IsFinished, Token)));
        Assert.Equal(before, Publications);
    }

    [Fact]
    public async Task Events_that_wait_for_a_call_that_fails_are_not_sent()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var answer = new TaskCompletionSource();
        _calls.OnCall = async call =>
        {
            if (!IsPublication(call))
            {
                return await call.ForwardAsync();
            }

            await answer.Task;
            return SidecarCall.Fail(Grpc.Core.StatusCode.Internal);
        };
        var accepted = ActivityEvent.From(LedgerFixture.Request().ToRecord("tester", Event, fixture.Time.GetUtcNow()), fixture.Time.GetUtcNow());

        var sent = fixture.Activity.TryPublishAsync([accepted], Token);
        await Poll.UntilAsync(() => Publications == 1, Token);
        var waiting = fixture.Activity.TryPublishAsync([accepted], Token);
        answer.SetResult();

        var results = await Task.WhenAll(sent, waiting);
        Assert.Equal([false, false], results);
        Assert.Equal(1, Publications);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_delays_an_action_for_a_limited_time()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        _calls.OnCall = async call =>
        {
            if (IsPublication(call))
            {
                await Never.CompletesAsync(call.Cancelled);
            }

            return await call.ForwardAsync();
        };

        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await Poll.UntilAsync(
            () =>
            {
                fixture.CallTime.Advance(ActivityPublisher.MaxCallTime(TimeSpan.FromSeconds(30)));
                return running.IsCompleted;
            },
            Token);
        await running;

        Assert.Equal(["accepted", "succeeded"], Statuses(await fixture.RecordAsync(Event, record => record.IsFinished, Token)));
        Accept();
        await FlushedAsync(fixture, Event);
        Assert.Equal(["accepted", "succeeded"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
    }

    [Fact]
    public async Task A_call_to_a_broker_that_does_not_answer_ends_before_a_short_lease_ends()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token, ("Ledger:Lease", "00:00:06"));
        _calls.OnCall = async call =>
        {
            if (IsPublication(call))
            {
                await Never.CompletesAsync(call.Cancelled);
            }

            return await call.ForwardAsync();
        };
        var accepted = ActivityEvent.From(LedgerFixture.Request().ToRecord("tester", Event, fixture.Time.GetUtcNow()), fixture.Time.GetUtcNow());

        var sent = fixture.Activity.TryPublishAsync([accepted], Token);
        await Poll.UntilAsync(() => Publications == 1, Token);
        fixture.CallTime.Advance(TimeSpan.FromSeconds(2));

        await Poll.UntilAsync(() => sent.IsCompleted, Token);
        Assert.False(await sent);
        Accept();
    }

    [Theory]
    [InlineData(5, 1.66)]
    [InlineData(30, 10)]
    [InlineData(600, 10)]
    public void The_longest_wait_for_the_broker_follows_from_the_lease(int lease, double seconds) =>
        Assert.Equal(seconds, ActivityPublisher.MaxCallTime(TimeSpan.FromSeconds(lease)).TotalSeconds, 0.01);

    [Fact]
    public async Task The_events_of_a_waiting_action_do_not_wait_for_its_next_step()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), _calls, Token);
        Refuse();
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        Assert.Equal(["accepted", "running"], Statuses(await fixture.RecordAsync(Event, record => record.DueAt is not null, Token)));

        Accept();
        await FlushedAsync(fixture, Event);

        var record = await fixture.RecordAsync(Event, _ => true, Token);
        await Poll.UntilAsync(fixture.Pending.ListAsync, list => list is [{ DueAt: var due }] && due == record.DueAt, Token);
        Assert.Equal(1, fixture.Work.Steps);
        Assert.Equal(["accepted", "running job-submitted"], await fixture.Fixture.ChangesAsync(Event, 2, Token));
    }

    [Fact]
    public async Task A_record_with_unpublished_events_that_is_written_late_does_not_delay_the_action_to_the_end_of_its_lease()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("waiting", TimeSpan.FromSeconds(8)), _calls, Token);
        var (begin, listed) = (fixture.Time.GetUtcNow(), new List<IndexedAction>());

        // The other replica has a client of its own, because the calls of this replica wait for the write.
        using var otherCalls = new SidecarCalls();
        using var otherClient = otherCalls.CreateClient(fixture.Fixture.Settings["DAPR_GRPC_ENDPOINT"] ?? "", apiToken: SidecarTokens.Dapr);
        var replica = ActivatorUtilities.CreateInstance<PendingIndex>(fixture.Services, otherClient);
        _calls.OnCall = async call =>
        {
            if (IsPublication(call))
            {
                return SidecarCall.Fail(Grpc.Core.StatusCode.Internal);
            }

            if (call.Method == "SaveState" && call.Read(Dapr.Client.Autogen.Grpc.v1.SaveStateRequest.Parser).States.Any(
                item => item.Key == $"action-{Id}" && item.Value.ToStringUtf8().Contains("\"waiting\"", StringComparison.Ordinal)))
            {
                // The action is due because its events must be published, but it is still leased. The reconciler of the other replica defers it to the end of the lease.
                listed.AddRange(await replica.ListAsync(Token));
                await replica.DeferAsync(listed[^1], begin.AddSeconds(30), Token);
            }

            return await call.ForwardAsync();
        };

        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);

        Assert.Equal(begin + ActivityPublisher.Pause, Assert.Single(listed).DueAt);
        Assert.Equal(begin.AddSeconds(8), Assert.Single(await fixture.Pending.ListAsync(Token)).DueAt);
    }

    [Fact]
    public async Task The_next_step_of_an_action_publishes_its_earlier_events_first()
    {
        await using var fixture = await LedgerFixture.StartAsync(
            (record, _) => record.Stage.Length == 0 ? new Continue("waiting", TimeSpan.FromMinutes(1)) : new Succeeded(), _calls, Token, ("Ledger:PollInterval", "00:10:00"));
        Refuse();
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        Accept();

        await Poll.UntilAsync(
            async cancellationToken =>
            {
                fixture.Time.Advance(TimeSpan.FromMinutes(1));
                return await fixture.Records.FindAsync(Id, cancellationToken);
            },
            stored => stored is { Record.IsFinished: true },
            Token);

        Assert.Equal(["accepted", "running waiting", "succeeded waiting"], await fixture.Fixture.ChangesAsync(Event, 3, Token));
    }

    [Fact]
    public async Task A_cancellation_and_a_retry_need_no_broker()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), _calls, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        Refuse();

        fixture.Requests.Now = [LedgerFixture.Request()];
        var (cancelled, _) = await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{Id}/cancel", Token);
        var ended = await fixture.RecordAsync(Event, _ => true, Token);
        var (retried, _) = await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{Id}/retry?force=true", Token);
        var again = await AdvancedAsync(fixture, Id, record => record is { Generation: 1, Stage: "job-submitted", LeaseOwner: null });

        Assert.Equal((200, 200), (cancelled, retried));
        Assert.Equal((ActionStatus.Skipped, "skipped"), (ended.Status, Assert.Single(Statuses(ended))));
        Assert.Equal(["skipped", "running", "running"], Statuses(again));
        Accept();
        await FlushedAsync(fixture, Event);
        Assert.Equal(["accepted", "running", "running job-submitted", "running job-submitted", "skipped job-submitted"], await fixture.Fixture.ChangesAsync(Event, 5, Token));
        Assert.Equal(2, (await fixture.RecordAsync(Event, _ => true, Token)).Version);
    }

    [Fact]
    public async Task A_cancelled_action_stays_pending_until_its_end_is_published()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("job-submitted", TimeSpan.FromHours(1)), _calls, Token);
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        Refuse();
        await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{Id}/cancel", Token);

        Accept();
        await FlushedAsync(fixture, Event);

        Assert.Equal(["accepted", "running job-submitted", "skipped job-submitted"], await fixture.Fixture.ChangesAsync(Event, 3, Token));
        await Poll.UntilAsync(fixture.Pending.ListAsync, list => list.Count == 0, Token);
    }

    [Fact]
    public async Task A_follow_up_needs_no_broker()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var cause = LedgerFixture.Record("0000000000000000000a") with { RuleVersion = "v1", CorrelationId = "chain-1", Event = Event.Envelope };
        var followUp = new FollowUp("digest", JsonSerializer.SerializeToElement(new { }), DateTimeOffset.UnixEpoch, "waits");
        Refuse();

        Assert.True(await fixture.Services.GetRequiredService<IFollowUps>().EnsureAsync(cause, followUp, Token));

        var id = followUp.IdFor(cause);
        await Poll.UntilAsync(cancellationToken => fixture.Records.FindAsync(id, cancellationToken), stored => stored is { Record.IsFinished: true }, Token);
        Accept();
        await FlushedAsync(fixture, id);
        await fixture.Fixture.Activity.AtLeastAsync(2, action => action.ActionId == id, Token);
    }

    [Fact]
    public async Task A_question_is_asked_and_its_decision_is_reported_when_the_broker_accepts_events_again()
    {
        var approval = new Approval(["ml-leads@example.com"], "traffic", [""], TimeSpan.FromHours(24), IsApprovedOnTimeout: false, Required: 1);
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        Refuse();
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request() with { Approval = approval }], Token);
        var waiting = await fixture.RecordAsync(Event, record => record.Stage == LedgerStages.AwaitingApproval && record.LeaseOwner is null, Token);

        await fixture.Services.GetRequiredService<ApprovalControl>().DecideAsync(Id, DecisionKind.Approved, "ann@example.com", null, null, Token);
        var ended = await AdvancedAsync(fixture, Id, record => record.IsFinished);

        Assert.Equal([Topics.Approvals, Topics.WorkflowActivity, Topics.WorkflowActivity], (waiting.Unpublished ?? []).Select(unpublished => unpublished.Topic).Order());
        Assert.Equal(ActionStatus.Succeeded, ended.Status);
        Assert.Contains(ended.Unpublished ?? [], unpublished => unpublished.Event.GetProperty("type").GetString() == EventTypes.ApprovalDecided);
        Assert.Equal(4, ended.Version);
        Accept();
        await FlushedAsync(fixture, Event);
        Assert.Equal(3, (await fixture.RecordAsync(Event, _ => true, Token)).Version);
    }

    [Fact]
    public async Task A_record_keeps_a_limited_number_of_events()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        Refuse();
        var outbox = fixture.Services.GetRequiredService<ActivityOutbox>();
        var record = LedgerFixture.Request().ToRecord("tester", Event, fixture.Time.GetUtcNow());
        for (var attempt = 1; attempt <= ActivityOutbox.MaxEvents + 2; attempt++)
        {
            record = await outbox.PublishAsync(record with { Attempt = attempt }, Token);
        }

        var attempts = (record.Unpublished ?? []).Select(unpublished => unpublished.Event.GetProperty("data").GetProperty("attempt").GetInt32());
        Assert.Equal(Enumerable.Range(3, ActivityOutbox.MaxEvents), attempts);
    }

    private static bool IsPublication(SidecarCall call) => call.Method.Contains("Publish", StringComparison.Ordinal);

    private static IEnumerable<string?> Statuses(ActionRecord record) =>
        (record.Unpublished ?? []).Select(unpublished => unpublished.Event.GetProperty("data").GetProperty("status").GetString());

    private static Task<ActionRecord> FlushedAsync(LedgerFixture fixture, WorkflowEvent workflowEvent) => FlushedAsync(fixture, ActionRecord.IdOf("tester", "r", workflowEvent));

    private static Task<ActionRecord> FlushedAsync(LedgerFixture fixture, string id) => AdvancedAsync(fixture, id, record => record.Unpublished is null);

    // The reconciler may begin its wait after an advance of the clock, so the clock advances until the record meets the condition.
    private static async Task<ActionRecord> AdvancedAsync(LedgerFixture fixture, string id, Func<ActionRecord, bool> condition)
    {
        var found = await Poll.UntilAsync(
            async cancellationToken =>
            {
                fixture.Time.Advance(ActivityPublisher.Pause);
                return await fixture.Records.FindAsync(id, cancellationToken);
            },
            stored => stored is { Record: var record } && condition(record),
            Token);
        return found?.Record ?? throw new InvalidOperationException("The record does not exist.");
    }

    // Makes each publication fail: the call fails, or its answer names the refused events.
    private void Refuse(bool isCallRefused = true) => _calls.OnCall = async call =>
    {
        if (!IsPublication(call))
        {
            return await call.ForwardAsync();
        }

        if (isCallRefused)
        {
            return SidecarCall.Fail(Grpc.Core.StatusCode.Internal);
        }

        var answer = new Dapr.Client.Autogen.Grpc.v1.BulkPublishResponse();
        answer.FailedEntries.Add(call.Read(Dapr.Client.Autogen.Grpc.v1.BulkPublishRequest.Parser).Entries.Select(
            entry => new Dapr.Client.Autogen.Grpc.v1.BulkPublishResponseFailedEntry { EntryId = entry.EntryId, Error = "the topic is full" }));
        return SidecarCall.Answer(answer);
    };

    private void Accept() => _calls.OnCall = call => call.ForwardAsync();
}
