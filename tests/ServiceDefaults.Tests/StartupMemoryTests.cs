using System.Runtime.CompilerServices;

using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

[Collection(ProcessMemoryGroup.Name)]
public class StartupMemoryTests
{
    private const int Blocks = 256;
    private const int BlockSize = 1 << 20;

    [Fact]
    public async Task The_memory_of_the_start_is_returned_to_the_operating_system_once_after_the_start()
    {
        var time = new ObservedTime();
        using var memory = new StartupMemory(time);
        var committed = CommitGarbage();
        await memory.StartAsync(TestContext.Current.CancellationToken);
        await time.WaitOfAsync(StartupMemory.StartDuration, TestContext.Current.CancellationToken);

        time.Advance(StartupMemory.StartDuration - TimeSpan.FromTicks(1));
        Assert.False(memory.ExecuteTask?.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        await (memory.ExecuteTask ?? Task.CompletedTask);

        // StartupMemory caused the decrease, because an ordinary collection keeps the free memory for later allocations.
        Assert.InRange(CollectAndReadCommitted(), 0, committed - ((long)Blocks * BlockSize / 2));
        Assert.Equal(1, time.CountWaits(StartupMemory.StartDuration));
    }

    [Fact]
    public async Task A_service_that_stops_earlier_does_not_wait()
    {
        using var memory = new StartupMemory(new ObservedTime());
        await memory.StartAsync(TestContext.Current.CancellationToken);

        await memory.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(memory.ExecuteTask?.IsCanceled);
    }

    // Returns the committed memory while the objects are in use. The objects are garbage after the return, because the method is not inlined.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long CommitGarbage()
    {
        var objects = Enumerable.Range(0, Blocks).Select(_ => new byte[BlockSize]).ToList();
        var committed = CollectAndReadCommitted();
        GC.KeepAlive(objects);
        return committed;
    }

    // The runtime records the committed memory at each collection.
    private static long CollectAndReadCommitted()
    {
        GC.Collect();
        return GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes;
    }
}

/// <summary>Tests that measure the memory of the process. They do not run beside other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessMemoryGroup
{
    /// <summary>The group's name.</summary>
    public const string Name = "process memory";
}
