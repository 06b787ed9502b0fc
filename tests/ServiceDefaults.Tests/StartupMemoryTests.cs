using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

public class StartupMemoryTests
{
    [Fact]
    public async Task Memory_is_released_after_the_start()
    {
        var time = new ObservedTime();
        using var memory = new StartupMemory(time);
        await memory.StartAsync(TestContext.Current.CancellationToken);
        await time.WaitOfAsync(StartupMemory.StartDuration, TestContext.Current.CancellationToken);
        var before = GC.CollectionCount(GC.MaxGeneration);

        time.Advance(StartupMemory.StartDuration);
        await (memory.ExecuteTask ?? Task.CompletedTask);

        Assert.True(GC.CollectionCount(GC.MaxGeneration) > before);
    }

    [Fact]
    public async Task A_service_that_stops_earlier_does_not_wait()
    {
        using var memory = new StartupMemory(new ObservedTime());
        await memory.StartAsync(TestContext.Current.CancellationToken);

        await memory.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(memory.ExecuteTask?.IsCanceled);
    }
}
