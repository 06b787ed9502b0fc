using Microsoft.Extensions.DependencyInjection;

namespace MLEvents.Ledger.Tests;

public class ResourceLocksTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_takers_one_has_it_and_the_next_when_it_lets_go()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var holds = fixture.Services.GetRequiredService<IResourceLock>();

        var takers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number => (number, has: await holds.TryTakeAsync("endpoint", $"a{number}", Long, Token))));
        var (winner, _) = Assert.Single(takers, taker => taker.has);
        await holds.ReleaseAsync("endpoint", $"a{winner}", Token);

        Assert.True(await holds.TryTakeAsync("endpoint", "another", Long, Token));
    }

    [Fact]
    public async Task Who_has_it_may_take_it_again_after_a_crash_and_others_only_when_it_has_run_out()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var holds = fixture.Services.GetRequiredService<IResourceLock>();

        Assert.True(await holds.TryTakeAsync("endpoint", "first", Long, Token));
        Assert.True(await holds.TryTakeAsync("endpoint", "first", TimeSpan.Zero, Token));
        Assert.True(await holds.TryTakeAsync("endpoint", "second", Long, Token));
        Assert.False(await holds.TryTakeAsync("endpoint", "first", Long, Token));
    }

    [Fact]
    public async Task Two_spellings_of_an_arm_id_are_one_lock()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var holds = fixture.Services.GetRequiredService<IResourceLock>();

        Assert.True(await holds.TryTakeAsync("/subscriptions/s/resourceGroups/G/onlineEndpoints/e/traffic", "first", Long, Token));
        Assert.False(await holds.TryTakeAsync("/Subscriptions/S/resourcegroups/g/onlineendpoints/e/traffic/", "second", Long, Token));
    }

    [Fact]
    public async Task Nobody_lets_go_of_what_another_has()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var holds = fixture.Services.GetRequiredService<IResourceLock>();
        await holds.TryTakeAsync("endpoint", "first", Long, Token);

        await holds.ReleaseAsync("endpoint", "second", Token);

        Assert.False(await holds.TryTakeAsync("endpoint", "second", Long, Token));
    }
}
