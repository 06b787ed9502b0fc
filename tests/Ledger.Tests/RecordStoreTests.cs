using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public class RecordStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_one_of_concurrent_creators_succeeds()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var workflowEvent = SampleEvents.Create("RunCompleted");

        var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => fixture.Records.TryCreateAsync(Record(workflowEvent) with { LeaseOwner = $"owner-{n}" }, Token)));

        Assert.Single(wins, won => won);
    }

    [Fact]
    public async Task An_update_of_an_outdated_record_is_refused()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var record = Record(SampleEvents.Create("RunCompleted"));
        await fixture.Records.TryCreateAsync(record, Token);
        var read = await fixture.Records.FindAsync(record.Id, Token) ?? throw new InvalidOperationException();

        var first = await fixture.Records.TryUpdateAsync(read, record with { Stage = "first" }, Token);
        var second = await fixture.Records.TryUpdateAsync(read, record with { Stage = "second" }, Token);

        Assert.True(first);
        Assert.False(second);
        Assert.Equal("first", (await fixture.Records.FindAsync(record.Id, Token))?.Record.Stage);
    }

    [Fact]
    public async Task The_pending_index_keeps_entries_that_are_added_concurrently()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:Shards", "1"));
        var later = TimeProvider.System.GetUtcNow().AddHours(1);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => fixture.Pending.AddAsync(Pending($"{n:x4}0000000000000000"), later, Token)));
        await fixture.Pending.RemoveAsync("00000000000000000000", Token);

        Assert.Equal(11, (await fixture.Pending.ListAsync(Token)).Count);
    }

    [Fact]
    public async Task A_finished_record_expires_after_the_retention_and_an_unfinished_record_never_expires()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:Retention", "2.00:00:00"));
        var record = Record(SampleEvents.Create("RunCompleted"));
        await fixture.Records.TryCreateAsync(record, Token);
        var before = await fixture.ExpiryAsync($"action-{record.Id}", Token);
        var read = await fixture.Records.FindAsync(record.Id, Token) ?? throw new InvalidOperationException();

        await fixture.Records.TryUpdateAsync(read, record with { Status = ActionStatus.Succeeded }, Token);

        Assert.Null(before);
        var left = await fixture.ExpiryAsync($"action-{record.Id}", Token) - TimeProvider.System.GetUtcNow();
        Assert.InRange(left ?? default, TimeSpan.FromDays(1.99), TimeSpan.FromDays(2.01));
    }

    [Fact]
    public async Task Pending_actions_are_spread_over_the_shards()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:Shards", "2"));
        var later = TimeProvider.System.GetUtcNow().AddHours(1);

        await fixture.Pending.AddAsync(Pending("00000000000000000000"), later, Token);
        await fixture.Pending.AddAsync(Pending("00010000000000000000"), later, Token);

        foreach (var shard in new[] { "pending-0", "pending-1" })
        {
            Assert.Single(await fixture.Fixture.Dapr.GetStateAsync<Dictionary<string, object>>("statestore", shard, cancellationToken: Token));
        }
    }

    private static ActionRecord Pending(string id) => Record(SampleEvents.Create("RunCompleted")) with { Id = id };

    private static ActionRecord Record(WorkflowEvent workflowEvent) => LedgerFixture.Request().ToRecord("tester", workflowEvent, TimeProvider.System.GetUtcNow());
}
