using Microsoft.Extensions.DependencyInjection;

namespace MLEvents.Ledger.Tests;

public class ResourceLocksTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_of_concurrent_takers_gets_the_lock_and_another_taker_gets_it_after_the_release()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var locks = fixture.Services.GetRequiredService<IResourceLock>();

        var takers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number => (number, has: await locks.TryTakeAsync("endpoint", $"a{number}", Long, Token))));
        var (winner, _) = Assert.Single(takers, taker => taker.has);
        await locks.ReleaseAsync("endpoint", $"a{winner}", Token);

        Assert.True(await locks.TryTakeAsync("endpoint", "another", Long, Token));
    }

    [Fact]
    public async Task The_holder_may_take_its_lock_again_and_others_may_take_it_only_after_the_lock_expired()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var locks = fixture.Services.GetRequiredService<IResourceLock>();

        Assert.True(await locks.TryTakeAsync("endpoint", "first", Long, Token));
        Assert.True(await locks.TryTakeAsync("endpoint", "first", TimeSpan.Zero, Token));
        Assert.True(await locks.TryTakeAsync("endpoint", "second", Long, Token));
        Assert.False(await locks.TryTakeAsync("endpoint", "first", Long, Token));
    }

    [Fact]
    public async Task Two_spellings_of_an_arm_id_are_one_lock()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var locks = fixture.Services.GetRequiredService<IResourceLock>();

        Assert.True(await locks.TryTakeAsync("/subscriptions/s/resourceGroups/G/onlineEndpoints/e/traffic", "first", Long, Token));
        Assert.False(await locks.TryTakeAsync("/Subscriptions/S/resourcegroups/g/onlineendpoints/e/traffic/", "second", Long, Token));
    }

    [Fact]
    public async Task A_lock_is_released_only_by_its_holder()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var locks = fixture.Services.GetRequiredService<IResourceLock>();
        await locks.TryTakeAsync("endpoint", "first", Long, Token);

        await locks.ReleaseAsync("endpoint", "second", Token);

        Assert.False(await locks.TryTakeAsync("endpoint", "second", Long, Token));
    }
}
