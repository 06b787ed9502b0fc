using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public class HeartbeatTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_long_step_keeps_its_lease()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var claim = await HeldAsync(fixture, "me", time);

        await using var heartbeat = Heartbeat.Start(fixture.Records, claim, Lease, time, Token);
        time.Advance(Lease / 3);

        var renewed = await fixture.RecordAsync(Event, record => record.LeaseUntil > claim.Record.LeaseUntil, Token);
        Assert.Equal(time.GetUtcNow() + Lease, renewed.LeaseUntil);
        Assert.False(heartbeat.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lease_that_another_owner_takes_stops_the_step()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var claim = await HeldAsync(fixture, "another", time);
        var lost = new TaskCompletionSource();

        var heartbeat = Heartbeat.Start(fixture.Records, claim with { Owner = "me" }, Lease, time, Token);
        await using var registration = heartbeat.Lost.Register(lost.SetResult);
        time.Advance(Lease / 3);

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        await heartbeat.DisposeAsync();
        var record = await fixture.RecordAsync(Event, _ => true, Token);
        Assert.Equal(claim.Record.LeaseUntil, record.LeaseUntil);
    }

    private static async Task<Claim> HeldAsync(LedgerFixture fixture, string owner, FakeTimeProvider time)
    {
        var record = LedgerFixture.Request().ToRecord("tester", Event, time.GetUtcNow()) with { LeaseOwner = owner, LeaseUntil = time.GetUtcNow() + Lease };
        await fixture.Records.TryCreateAsync(record, Token);
        return new Claim(record.Id, owner, record);
    }
}
