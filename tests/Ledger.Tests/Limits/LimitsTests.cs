using System.Collections.Concurrent;

using Dapr.Client.Autogen.Grpc.v1;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger.Limits;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests.Limits;

/// <summary>Limits of rules in a state store. Several replicas compete for the places of a limit.</summary>
public class LimitsTests
{
    private const string Started = "job-submitted";
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Limit One = new(LimitKind.Concurrency, "churn", 1, null, WhenBusy.Wait);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Two_replicas_never_run_more_actions_than_the_limit_and_each_action_runs_once(int limit)
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step);
        var replica = await fixture.AddReplicaAsync(Token);
        var events = Enumerable.Range(0, 16).Select(number => SampleEvents.Create("RunCompleted", id: $"e-{number:d2}")).ToList();

        await Task.WhenAll(events.Select((workflowEvent, number) =>
            (number % 2 == 0 ? fixture.Runner : replica).RunAsync(workflowEvent, [Request(One with { Max = limit })], Token)));
        foreach (var workflowEvent in events)
        {
            Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token)).Status);
        }

        Assert.Equal((limit, events.Count), (runs.MaxRunning, runs.Starts));
    }

    [Fact]
    public async Task Many_events_during_a_run_become_one_waiting_action_for_all_of_them()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step);
        var replica = await fixture.AddReplicaAsync(Token);
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var coalesce = Request(One with { WhenBusy = WhenBusy.Coalesce });
        var events = Enumerable.Range(0, 30).Select(number => SampleEvents.Create("RunCompleted", id: $"e-{number:d2}", time: $"2026-11-01T12:{number:d2}:00Z")).ToList();

        await fixture.Runner.RunAsync(events[0], [coalesce], Token);
        await Task.WhenAll(events.Skip(1).Select((workflowEvent, number) => (number % 2 == 0 ? fixture.Runner : replica).RunAsync(workflowEvent, [coalesce], Token)));
        fixture.Work.Gate.SetResult();

        var records = new List<ActionRecord>();
        foreach (var workflowEvent in events)
        {
            records.Add(await fixture.RecordAsync(workflowEvent, record => record.IsFinished, Token));
        }

        var second = Assert.Single(records.Skip(1), record => record.Status == ActionStatus.Succeeded);
        Assert.Equal(2, runs.Starts);
        Assert.Equal("e-29", second.ReadEventReference().Id);
        Assert.Equal(events.Skip(1).Select(workflowEvent => workflowEvent.Id), second.State["standsFor"].Split('\n').Order());
        Assert.All(records.Where(record => record.Status == ActionStatus.Skipped), record => Assert.StartsWith("coalesced into action ", record.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_record_of_a_waiting_action_names_the_blocking_action_and_the_end_of_the_blocking_action_wakes_the_waiting_action()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step, ("Ledger:LimitInterval", "00:10:00"));
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var (first, second) = (SampleEvents.Create("RunCompleted"), SampleEvents.Create("RunCompleted"));
        await fixture.Runner.RunAsync(first, [Request(One)], Token);
        await fixture.Runner.RunAsync(second, [Request(One)], Token);
        var running = await fixture.RecordAsync(first, record => record.Stage == Started, Token);

        // After its second check of the limit, the action waits for ten minutes.
        var waiting = await fixture.RecordAsync(second, record => record.DueAt > TimeProvider.System.GetUtcNow().AddMinutes(1), Token);
        Assert.Equal(("waiting", LedgerStages.WaitingForLimit), (waiting.StatusName, waiting.Stage));
        Assert.Equal($"waits for concurrency 'churn': 1 of 1 place is taken by action {running.Id}", waiting.Detail);
        Assert.Equal("concurrency 'churn'", waiting.State["heldBackBy"]);
        var (_, page) = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, "/actions?status=waiting", Token);
        Assert.Equal(waiting.Id, Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());

        fixture.Work.Gate.SetResult();

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(second, record => record.IsFinished, Token)).Status);
        Assert.Equal((1, 2), (runs.MaxRunning, runs.Starts));
        var held = await fixture.Fixture.Activity.FirstAsync(activity => activity.ActionId == waiting.Id && activity.Status == "waiting", Token);
        Assert.Equal(waiting.Detail, held.Detail);
    }

    [Fact]
    public async Task A_waiting_action_ends_as_soon_as_another_action_acts_for_its_event()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step, ("Ledger:LimitInterval", "00:10:00"));
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var coalesce = Request(One with { WhenBusy = WhenBusy.Coalesce });
        var (first, second, third) = (At(0), At(1), At(2));
        await fixture.Runner.RunAsync(first, [coalesce], Token);
        await fixture.Runner.RunAsync(second, [coalesce], Token);
        await fixture.RecordAsync(second, record => record is { LeaseOwner: null } && record.DueAt > TimeProvider.System.GetUtcNow().AddMinutes(1), Token);

        await fixture.Runner.RunAsync(third, [coalesce], Token);

        // Without a wake, the second action would check the limit only in ten minutes.
        var superseded = await fixture.RecordAsync(second, record => record.IsFinished, Token);
        Assert.Equal(ActionStatus.Skipped, superseded.Status);
        Assert.StartsWith("coalesced into action ", superseded.Detail, StringComparison.Ordinal);
        fixture.Work.Gate.SetResult();

        static WorkflowEvent At(int minute) => SampleEvents.Create("RunCompleted", time: $"2026-11-01T12:{minute:d2}:00Z");
    }

    [Fact]
    public async Task The_place_of_an_action_stays_reserved_after_a_crash_between_the_decision_and_the_start()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step);
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var (first, second) = (SampleEvents.Create("RunCompleted"), SampleEvents.Create("RunCompleted"));
        var crashed = Request(One).ToRecord("tester", first, TimeProvider.System.GetUtcNow()) with { LeaseOwner = "ended", LeaseUntil = TimeProvider.System.GetUtcNow().AddSeconds(2) };
        await fixture.Records.TryCreateAsync(crashed, Token);
        await AskAsync(fixture, crashed);

        await fixture.Runner.RunAsync(second, [Request(One)], Token);
        Assert.Equal(LedgerStages.WaitingForLimit, (await fixture.RecordAsync(second, record => record.LeaseOwner is null, Token)).Stage);
        await fixture.Pending.AddAsync(crashed, crashed.LeaseUntil.Value, Token);
        fixture.Work.Gate.SetResult();

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(first, record => record.IsFinished, Token)).Status);
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(second, record => record.IsFinished, Token)).Status);
        Assert.Equal((1, 2), (runs.MaxRunning, runs.Starts));
    }

    [Fact]
    public async Task A_place_that_an_ended_action_did_not_release_is_free_and_a_late_release_frees_no_other_place()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step);
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var (first, second, third) = (SampleEvents.Create("RunCompleted"), SampleEvents.Create("RunCompleted"), SampleEvents.Create("RunCompleted"));
        var ended = Request(One).ToRecord("tester", first, TimeProvider.System.GetUtcNow()) with { Status = ActionStatus.Failed };
        await fixture.Records.TryCreateAsync(ended, Token);
        var documents = await AskAsync(fixture, ended);

        await fixture.Runner.RunAsync(second, [Request(One)], Token);
        Assert.Equal(Started, (await fixture.RecordAsync(second, record => record.Stage == Started, Token)).Stage);
        await fixture.Services.GetRequiredService<LimitCheck>().ReleaseAsync(ended with { State = new Dictionary<string, string> { ["limit.documents"] = documents } }, Token);
        await fixture.Runner.RunAsync(third, [Request(One with { WhenBusy = WhenBusy.Skip })], Token);

        Assert.Equal(ActionStatus.Skipped, (await fixture.RecordAsync(third, record => record.IsFinished, Token)).Status);
        Assert.Equal(1, runs.Starts);
    }

    [Fact]
    public async Task A_changed_limit_applies_to_an_action_that_waits()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step, ("Ledger:LimitInterval", "00:00:00.2"));
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var (first, second) = (SampleEvents.Create("RunCompleted"), SampleEvents.Create("RunCompleted"));
        await fixture.Runner.RunAsync(first, [Request(One)], Token);
        await fixture.Runner.RunAsync(second, [Request(One)], Token);
        await fixture.RecordAsync(second, record => record.Stage == LedgerStages.WaitingForLimit, Token);

        fixture.Requests.Limits = [One with { Max = 2 }];

        await fixture.RecordAsync(second, record => record.Stage == Started, Token);
        Assert.Equal(2, runs.MaxRunning);
    }

    [Fact]
    public async Task An_admitted_action_also_acts_for_an_event_that_coalesces_into_it_during_the_decision()
    {
        using var calls = new SidecarCalls();
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), calls, Token);
        var store = fixture.Services.GetRequiredService<LimitStore>();
        var (earlier, current) = (One with { WhenBusy = WhenBusy.Coalesce }, One with { Key = "sales" });
        await store.UpdateAsync(store.NameOf(earlier), _ => new LimitState { Queue = [new LimitWaiter("a", "r", Noon.AddMinutes(1), ["e-a"])] }, Token);

        var (decision, by, kept) = await AskDuringAsync(
            fixture, calls, new LimitRequest("a", "r", Noon.AddMinutes(1), ["e-a"]), earlier, current, state => state.Decide(new LimitRequest("b", "r", Noon, ["e-b"]), earlier, Noon).Next);

        Assert.Null(by);
        Assert.Equal(["e-a", "e-b"], Assert.IsType<LimitDecision.Admitted>(decision).Events.Order());

        // If this process ends before it records the decision, the next process finds the event here.
        Assert.Equal(["e-a", "e-b"], kept.Order());
    }

    [Fact]
    public async Task A_waiting_action_with_the_largest_number_of_events_also_acts_for_an_event_that_coalesces_into_it_during_the_decision()
    {
        using var calls = new SidecarCalls();
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), calls, Token);
        var (store, now) = (fixture.Services.GetRequiredService<LimitStore>(), fixture.Time.GetUtcNow());
        var (earlier, current) = (One with { WhenBusy = WhenBusy.Coalesce }, new Limit(LimitKind.Budget, "sales", 1, TimeSpan.FromHours(1), WhenBusy.Wait));
        string[] events = [.. Enumerable.Range(0, LimitState.MaxEvents).Select(number => $"e{number}")];
        await store.UpdateAsync(store.NameOf(earlier), _ => new LimitState { Queue = [new LimitWaiter("a", "r", Noon, events)] }, Token);
        await store.UpdateAsync(store.NameOf(current), _ => new LimitState { Uses = new Dictionary<string, LimitUse> { ["b"] = new(now, ["e-b"]) } }, Token);

        var (decision, by, kept) = await AskDuringAsync(
            fixture, calls, new LimitRequest("a", "r", Noon, [events[^1]]), earlier, current, state => state with { Queue = [state.Queue[0] with { Events = [.. events.Skip(1), "joined"] }] });

        Assert.Equal(current, by);
        Assert.Contains("joined", Assert.IsType<LimitDecision.Wait>(decision).Events);
        Assert.Contains("joined", kept);
        Assert.Equal(LimitState.MaxEvents, kept.Count);
    }

    [Fact]
    public async Task An_action_that_one_limit_refuses_is_not_counted_by_its_other_limits()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step);
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var budget = new Limit(LimitKind.Budget, "cost", 2, TimeSpan.FromHours(1), WhenBusy.Skip);
        var skipping = One with { WhenBusy = WhenBusy.Skip };

        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [Request(budget, skipping)], Token);
        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [Request(budget, skipping)], Token);
        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [Request(budget, skipping with { Key = "sales" })], Token);
        var last = SampleEvents.Create("RunCompleted");
        await fixture.Runner.RunAsync(last, [Request(budget, skipping with { Key = "fraud" })], Token);

        Assert.Equal(2, runs.Starts);
        Assert.StartsWith("budget 'cost': 2 of 2 starts in 01:00:00 are used", (await fixture.RecordAsync(last, record => record.IsFinished, Token)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_that_an_operator_starts_again_waits_for_a_place_again()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step);
        var (first, second) = (SampleEvents.Create("RunCompleted"), SampleEvents.Create("RunCompleted"));
        await fixture.Runner.RunAsync(first, [Request(One)], Token);
        var ended = await fixture.RecordAsync(first, record => record.IsFinished, Token);
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        await fixture.Runner.RunAsync(second, [Request(One)], Token);
        await fixture.RecordAsync(second, record => record.Stage == Started, Token);

        // The scripted actions have no plan, so a retry creates one.
        fixture.Requests.Now = [Request(One)];

        var (status, _) = await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{ended.Id}/retry?force=true", Token);

        Assert.Equal(200, status);
        var waiting = await fixture.RecordAsync(first, record => record.Stage == LedgerStages.WaitingForLimit, Token);
        Assert.Equal((1, "concurrency 'churn'"), (waiting.Generation, waiting.State["heldBackBy"]));
        fixture.Work.Gate.SetResult();
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(first, record => record.IsFinished, Token)).Status);
        Assert.Equal((1, 3), (runs.MaxRunning, runs.Starts));
    }

    [Fact]
    public async Task A_cancelled_action_leaves_the_queue()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step, ("Ledger:LimitInterval", "00:10:00"));
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, Started);
        var events = Enumerable.Range(0, 3).Select(_ => SampleEvents.Create("RunCompleted")).ToList();
        foreach (var workflowEvent in events)
        {
            await fixture.Runner.RunAsync(workflowEvent, [Request(One)], Token);
        }

        var cancelled = await fixture.RecordAsync(events[1], record => record is { LeaseOwner: null } && record.DueAt > TimeProvider.System.GetUtcNow().AddMinutes(1), Token);
        await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{cancelled.Id}/cancel", Token);
        fixture.Work.Gate.SetResult();

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(events[2], record => record.IsFinished, Token)).Status);
        Assert.Equal(2, runs.Starts);
    }

    [Fact]
    public async Task The_cancellation_of_an_action_does_not_shorten_the_time_for_which_a_budget_stores_its_starts()
    {
        var runs = new Runs();
        await using var fixture = await StartAsync(runs.Step, ("Ledger:LimitInterval", "00:10:00"), ("Ledger:Retention", "1.00:00:00"));
        var budget = new Limit(LimitKind.Budget, "cost", 1, TimeSpan.FromDays(30), WhenBusy.Wait);
        var second = SampleEvents.Create("RunCompleted");
        await fixture.Runner.RunAsync(SampleEvents.Create("RunCompleted"), [Request(budget)], Token);
        await fixture.Runner.RunAsync(second, [Request(budget)], Token);
        var waiting = await fixture.RecordAsync(second, record => record is { LeaseOwner: null } && record.DueAt > TimeProvider.System.GetUtcNow().AddMinutes(1), Token);

        var (status, _) = await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{waiting.Id}/cancel", Token);

        Assert.Equal((200, 1), (status, runs.Starts));
        var left = await fixture.ExpiryAsync($"limit-{fixture.Services.GetRequiredService<LimitStore>().NameOf(budget)}", Token) - TimeProvider.System.GetUtcNow();
        Assert.True(left > budget.Period, $"The starts are stored for {left} only.");
    }

    private static Task<LedgerFixture> StartAsync(Func<ActionRecord, int, StepResult> script, params (string Key, string Value)[] settings) =>
        LedgerFixture.StartAsync(script, Token, [("Ledger:PollInterval", "00:00:00.2"), ("Ledger:LimitInterval", "00:00:01"), .. settings]);

    // Another replica changes the earlier limit while this replica writes its decision. Returns the decision, and the events that the current limit stores for the action when it leaves the earlier limit.
    private static async Task<(LimitDecision Decision, Limit? By, IReadOnlyList<string> Kept)> AskDuringAsync(
        LedgerFixture fixture, SidecarCalls calls, LimitRequest applicant, Limit earlier, Limit current, Func<LimitState, LimitState> change)
    {
        // The other replica has a client of its own, because the calls of this replica wait for the write.
        using var otherCalls = new SidecarCalls();
        using var otherClient = otherCalls.CreateClient(fixture.Fixture.Settings["DAPR_GRPC_ENDPOINT"] ?? "", apiToken: SidecarTokens.Dapr);
        var replica = new LimitStore(fixture.Services.GetRequiredService<LedgerService>(), otherClient, fixture.Services.GetRequiredService<IOptions<LedgerOptions>>());
        string[] documents = [replica.NameOf(earlier), replica.NameOf(current)];
        IReadOnlyList<string> kept = [];
        var writes = 0;
        calls.OnCall = async call =>
        {
            if (call.Method == "SaveState" && Interlocked.Increment(ref writes) == 1)
            {
                await replica.UpdateAsync(documents[0], change, Token);
            }
            else if (call.Method == "SaveState" && call.Read(SaveStateRequest.Parser).States.Any(item => item.Key == $"limit-{documents[0]}"))
            {
                kept = (await replica.ReadAsync(documents[1], Token)).EventsOf(applicant.Holder);
            }

            return await call.ForwardAsync();
        };
        var (decision, by) = await fixture.Services.GetRequiredService<LimitClaims>().AskAsync(applicant, [current], documents, Token);
        calls.OnCall = call => call.ForwardAsync();
        return (decision, by, kept);
    }

    private static PlannedAction Request(params Limit[] limits) => LedgerFixture.Request() with { Limits = limits };

    private static async Task<string> AskAsync(LedgerFixture fixture, ActionRecord record)
    {
        var result = await fixture.Services.GetRequiredService<LimitCheck>().HoldBackAsync(record, Token);
        return Assert.IsType<Continue>(result).State["limit.documents"];
    }

    /// <summary>Counts the runs of scripted actions: a run lasts from the first step of an action to its end.</summary>
    private sealed class Runs
    {
        private readonly ConcurrentDictionary<string, bool> _running = new();
        private readonly Lock _gate = new();
        private int _starts;

        public int Starts => _starts;

        public int MaxRunning { get; private set; }

        public StepResult Step(ActionRecord record, int step)
        {
            lock (_gate)
            {
                if (record.Stage == Started)
                {
                    _running.TryRemove(record.Id, out _);
                    return new Succeeded();
                }

                _starts += _running.TryAdd(record.Id, true) ? 1 : 0;
                MaxRunning = Math.Max(MaxRunning, _running.Count);
                return new Continue(Started, TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
