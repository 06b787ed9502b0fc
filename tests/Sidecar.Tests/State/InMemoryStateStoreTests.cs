using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.State;

namespace MLEvents.Local.Sidecar.Tests.State;

public sealed class InMemoryStateStoreTests : StateStoreContract
{
    public InMemoryStateStoreTests() => Store = new InMemoryStateStore(Time);

    protected override IStateStore Store { get; }

    [Fact]
    public async Task A_later_write_removes_expired_values()
    {
        await SaveAsync(Upsert("a", "1") with { TimeToLive = TimeSpan.FromSeconds(2) });
        Time.Advance(TimeSpan.FromMinutes(2));

        await SaveAsync(Upsert("b", "1"));

        Assert.Equal(1, Assert.IsType<InMemoryStateStore>(Store).Count);
    }
}
