using Dapr.Client;
using Dapr.Client.Autogen.Grpc.v1;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public class ReconcilerTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_waits_for_a_step_that_ends_in_time()
    {
        await using var fixture = await StartAsync("00:01:00");
        var taken = await GatedStepAsync(fixture);

        var stopped = fixture.Services.GetRequiredService<Reconciler>().StopAsync(Token);
        Assert.False(stopped.IsCompleted);
        fixture.Work.Gate.SetResult();
        await stopped;

        var record = (await fixture.Records.FindAsync(taken.Id, Token))?.Record;
        Assert.Equal((ActionStatus.Succeeded, false), (record?.Status, record?.Interrupted));
    }

    [Fact]
    public async Task A_stop_interrupts_a_long_step_and_releases_its_action_at_once()
    {
        await using var fixture = await StartAsync("00:00:00.05");
        var taken = await GatedStepAsync(fixture);
        await fixture.Services.GetRequiredService<Reconciler>().StopAsync(Token);

        var record = (await fixture.Records.FindAsync(taken.Id, Token))?.Record;

        Assert.Null(record?.LeaseOwner);
        Assert.True(record?.Interrupted);
        Assert.Equal(taken.Id, Assert.Single(await fixture.Pending.ListAsync(Token)).Id);
        Assert.Null(record?.NotBefore("another", TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task An_action_whose_lease_holder_has_ended_continues_before_its_lease_ends()
    {
        using var folder = new TempFolder();
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, HoldersIn(folder));

        await AddAndEndAsync(fixture, folder);

        var finished = await fixture.RecordAsync(Event, found => found.IsFinished, Token);
        Assert.Equal((ActionStatus.Succeeded, true), (finished.Status, finished.Interrupted));
    }

    [Fact]
    public async Task An_action_continues_if_its_lease_holder_added_it_and_ended_during_a_read_of_the_index()
    {
        using var folder = new TempFolder();
        using var calls = new SidecarCalls();
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), calls, Token, HoldersIn(folder));
        var (signal, now, reads) = (fixture.Services.GetRequiredService<ReconcilerSignal>(), fixture.Services.GetRequiredService<TimeProvider>().GetUtcNow(), 0);
        calls.OnCall = async call =>
        {
            var answer = await call.ForwardAsync();
            if (call.Method == "GetBulkState" && call.Read(GetBulkStateRequest.Parser).Keys.Count > 1 && Interlocked.Increment(ref reads) is var read and <= 2)
            {
                // The first read of the index also reads each empty key separately. The second read does not do so, and its result depends on the answer of the bulk read alone.
                await (read == 2 ? AddAndEndAsync(fixture, folder) : Task.CompletedTask);
                signal.Due(now);
            }

            return answer;
        };

        signal.Due(now);

        Assert.True((await fixture.RecordAsync(Event, found => found.IsFinished, Token)).Interrupted);
    }

    [Fact]
    public async Task An_action_continues_although_the_index_is_larger_than_one_message()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var never = TimeProvider.System.GetUtcNow().AddDays(365);
        foreach (var shard in Enumerable.Range(0, new LedgerOptions().Shards))
        {
            // Each shard has 0.6 MiB. All shards together exceed 4 MiB, the limit of a gRPC message.
            var entries = Enumerable.Range(0, 600).ToDictionary(number => $"{shard:x4}{number:x16}", _ => new IndexEntry(never, new string('r', 1024)));
            await fixture.Services.GetRequiredService<DaprClient>().SaveStateAsync("statestore", $"pending-{shard}", entries, cancellationToken: Token);
        }

        var record = LedgerFixture.Request().ToRecord("tester", Event, TimeProvider.System.GetUtcNow());
        Assert.True(await fixture.Records.TryCreateAsync(record, Token));
        await fixture.Pending.AddAsync(record, TimeProvider.System.GetUtcNow(), Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, found => found.IsFinished, Token)).Status);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(10_000, 5)]
    [InlineData(100_000, 50)]
    [InlineData(1_000_000, 60)]
    public void The_index_is_read_less_often_if_many_actions_are_pending(int pending, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Reconciler.Interval(TimeSpan.FromSeconds(5), pending));

    [Fact]
    public async Task A_slow_action_does_not_delay_another_action()
    {
        await using var fixture = await StartAsync("00:00:00.05");
        await GatedStepAsync(fixture);
        fixture.Work.IsGated = false;
        var other = SampleEvents.Create("RunCompleted", id: "other");

        await fixture.Runner.RunAsync(other, [LedgerFixture.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(other, record => record.IsFinished, Token)).Status);
        Assert.False((await fixture.RecordAsync(Event, _ => true, Token)).IsFinished);
    }

    [Fact]
    public async Task An_action_that_becomes_due_before_its_record_is_written_does_not_wait_for_the_end_of_its_lease()
    {
        using var calls = new SidecarCalls();
        var written = new TaskCompletionSource();
        calls.OnCall = async call =>
        {
            if (call.Method.Contains("Publish", StringComparison.Ordinal))
            {
                await written.Task;
            }

            return await call.ForwardAsync();
        };
        await using var fixture = await LedgerFixture.StartAsync(
            (record, _) => record.Stage.Length == 0 ? new Continue("waiting", TimeSpan.FromMilliseconds(10)) : new Succeeded(), calls, Token, ("Ledger:Lease", "00:10:00"));

        // The change is published before the record is written. Meanwhile the reconciler finds that the due action is leased.
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await Poll.UntilAsync(ListLaterAsync, list => list is [{ DueAt: var due }] && due > fixture.Time.GetUtcNow().AddMinutes(5), Token);
        written.SetResult();
        await running;

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);

        Task<IReadOnlyList<IndexedAction>> ListLaterAsync(CancellationToken cancellationToken)
        {
            fixture.Time.Advance(TimeSpan.FromMilliseconds(20));
            return fixture.Pending.ListAsync(cancellationToken);
        }
    }

    [Fact]
    public async Task An_action_that_is_woken_before_its_record_is_written_continues_at_once()
    {
        using var calls = new SidecarCalls();
        var (publishing, written) = HoldRecords(calls);
        await using var fixture = await LedgerFixture.StartAsync(
            (record, _) => record.Stage.Length == 0 ? new Continue("waiting", TimeSpan.FromHours(1)) : new Succeeded(), calls, Token, ("Ledger:Lease", "00:10:00"));

        // The change is published after the index was written and before the record is written. The woken action is still leased, so the reconciler defers it to the end of the lease.
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await publishing.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        await fixture.Waker.WakeAsync(ActionRecord.IdOf("tester", "r", Event), Token);
        var now = fixture.Time.GetUtcNow();
        await Poll.UntilAsync(fixture.Pending.ListAsync, list => list is [{ DueAt: var due }] && due > now.AddMinutes(5) && due < now.AddMinutes(30), Token);

        // Two entries with the same due time would be the same entry for the reconciler.
        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        written.SetResult();
        await running;

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        Assert.Equal(2, fixture.Work.Steps);
    }

    /// <summary>A wake first marks the record, and then writes the index. If another claim takes the action in between, only the earlier claim has the mark.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_late_write_of_the_index_before_the_record_is_written_does_not_delay_an_action_to_the_end_of_its_lease(bool isRepair)
    {
        using var calls = new SidecarCalls();
        var (publishing, written) = HoldRecords(calls);
        await using var fixture = await LedgerFixture.StartAsync(
            (record, _) => record.Stage.Length == 0 ? new Continue("waiting", TimeSpan.FromMinutes(1)) : new Succeeded(), calls, Token, ("Ledger:Lease", "00:10:00"));
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await publishing.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        var (now, leased) = (fixture.Time.GetUtcNow(), await fixture.RecordAsync(Event, _ => true, Token));

        // The index makes the action due, but its record is not marked. The reconciler finds that the action is leased, and defers it.
        await (isRepair ? fixture.Pending.RepairAsync(leased, now, Token) : fixture.Pending.AddAsync(leased, now, Token));
        await Poll.UntilAsync(fixture.Pending.ListAsync, list => list is [{ DueAt: var due }] && due > now, Token);
        written.SetResult();
        await running;

        Assert.Equal(now.AddMinutes(1), Assert.Single(await fixture.Pending.ListAsync(Token)).DueAt);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, record => record.IsFinished, Token)).Status);
        Assert.Equal(2, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_claim_that_has_lost_its_lease_does_not_delay_the_action_to_its_own_due_time()
    {
        using var calls = new SidecarCalls();
        var (publishing, written) = HoldRecords(calls);
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Continue("waiting", TimeSpan.FromHours(1)), calls, Token, ("Ledger:Lease", "00:10:00"));
        var running = fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        await publishing.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);

        // Another claim took the action and recorded an earlier due time. Its write to the index came before the write of the claim that lost the lease.
        var dueAt = fixture.Time.GetUtcNow().AddMinutes(1);
        Assert.NotNull(await fixture.Records.UpdateAsync(
            ActionRecord.IdOf("tester", "r", Event), record => record with { LeaseOwner = null, LeaseUntil = null, Status = ActionStatus.Running, Stage = "waiting", DueAt = dueAt }, Token));
        written.SetResult();
        await running;

        await Poll.UntilAsync(fixture.Pending.ListAsync, list => list is [{ DueAt: var due }] && due == dueAt, Token);
        Assert.Equal(1, fixture.Work.Steps);
    }

    // The change of an action is published after the index was written and before the record is written.
    private static (Task Publishing, TaskCompletionSource Written) HoldRecords(SidecarCalls calls)
    {
        var (publishing, written) = (new TaskCompletionSource(), new TaskCompletionSource());
        calls.OnCall = async call =>
        {
            if (call.Method.Contains("Publish", StringComparison.Ordinal))
            {
                publishing.TrySetResult();
                await written.Task;
            }

            return await call.ForwardAsync();
        };
        return (publishing.Task, written);
    }

    private static (string Key, string Value)[] HoldersIn(TempFolder folder) => [("Ledger:InstanceDirectory", folder.Path), ("Ledger:Lease", "00:10:00")];

    // Another process takes an action and ends.
    private static async Task AddAndEndAsync(LedgerFixture fixture, TempFolder folder)
    {
        var ended = new LedgerService("tester");
        var now = fixture.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        using var holder = new LeaseHolders(ended, Options.Create(new LedgerOptions { InstanceDirectory = folder.Path }), TimeProvider.System);
        var record = LedgerFixture.Request().ToRecord("tester", Event, now) with { LeaseOwner = ended.NewOwner(), LeaseUntil = now.AddMinutes(10) };
        Assert.True(await fixture.Records.TryCreateAsync(record, Token));
        await ActivatorUtilities.CreateInstance<PendingIndex>(fixture.Services).AddAsync(record, now.AddMinutes(10), Token);
    }

    private static Task<LedgerFixture> StartAsync(string drain) => LedgerFixture.StartAsync(
        (record, _) => record.Stage.Length == 0 ? new Continue("waiting", TimeSpan.FromMilliseconds(10)) : new Succeeded(), Token, ("Ledger:Drain", drain));

    // The first step runs in the handler of the message. The second step runs in the reconciler and waits for the gate.
    private static async Task<ActionRecord> GatedStepAsync(LedgerFixture fixture)
    {
        (fixture.Work.IsGated, fixture.Work.GatedStage) = (true, "waiting");
        await fixture.Runner.RunAsync(Event, [LedgerFixture.Request()], Token);
        return await fixture.Work.Taken.FirstAsync(record => record.Stage == "waiting", Token);
    }
}
