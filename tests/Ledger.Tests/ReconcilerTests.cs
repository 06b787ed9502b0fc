using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Tests.Common.Town;

namespace MLEvents.Ledger.Tests;

public class ReconcilerTests
{
    private static readonly WorkflowEvent Event = SampleEvents.Of("RunCompleted");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_lets_a_step_end_that_ends_in_time()
    {
        await using var town = await StartAsync("00:01:00");
        var taken = await GatedStepAsync(town);

        var stopped = town.Services.GetRequiredService<Reconciler>().StopAsync(Token);
        Assert.False(stopped.IsCompleted);
        town.Work.Gate.SetResult();
        await stopped;

        var record = (await town.Records.FindAsync(taken.Id, Token))?.Record;
        Assert.Equal((ActionStatus.Succeeded, false), (record?.Status, record?.Interrupted));
    }

    [Fact]
    public async Task A_stop_breaks_a_long_step_off_and_leaves_it_to_others_at_once()
    {
        await using var town = await StartAsync("00:00:00.05");
        var taken = await GatedStepAsync(town);
        await town.Services.GetRequiredService<Reconciler>().StopAsync(Token);

        var record = (await town.Records.FindAsync(taken.Id, Token))?.Record;

        Assert.Null(record?.LeaseOwner);
        Assert.True(record?.Interrupted);
        Assert.Equal(taken.Id, Assert.Single(await town.Pending.ListAsync(Token)).Id);
        Assert.Null(record?.NotBefore("another", TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task Slow_actions_do_not_keep_another_rule_waiting()
    {
        await using var town = await StartAsync("00:00:00.05");
        await GatedStepAsync(town);
        town.Work.IsGated = false;
        var other = SampleEvents.Of("RunCompleted", id: "other");

        await town.Runner.RunAsync(other, [LedgerTown.Request()], Token);

        Assert.Equal(ActionStatus.Succeeded, (await town.RecordAsync(other, record => record.IsFinished, Token)).Status);
        Assert.False((await town.RecordAsync(Event, _ => true, Token)).IsFinished);
    }

    private static Task<LedgerTown> StartAsync(string drain) => LedgerTown.StartAsync(
        (record, _) => record.Stage.Length == 0 ? new Proceed("waiting", TimeSpan.FromMilliseconds(10)) : new Succeeded(), Token, ("Ledger:Drain", drain));

    // The first step is taken with the message, the second, which waits at the gate, by the reconciler.
    private static async Task<ActionRecord> GatedStepAsync(LedgerTown town)
    {
        (town.Work.IsGated, town.Work.GatedStage) = (true, "waiting");
        await town.Runner.RunAsync(Event, [LedgerTown.Request()], Token);
        return await town.Work.Taken.FirstAsync(record => record.Stage == "waiting", Token);
    }
}
