using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class ParallelPartsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_task_beside_the_work_ends_with_the_work()
    {
        var ended = false;

        var result = await ParallelParts.RunBesideAsync(_ => Task.FromResult(7), BesideAsync, Token);

        Assert.Equal((7, true), (result, ended));

        async Task BesideAsync(CancellationToken stop)
        {
            try
            {
                await Never.CompletesAsync(stop);
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Fact]
    public async Task The_work_continues_if_the_task_beside_it_ends()
    {
        var beside = new TaskCompletionSource();

        var result = await ParallelParts.RunBesideAsync(WorkAsync, _ => beside.Task, Token);

        Assert.Equal(7, result);

        async Task<int> WorkAsync(CancellationToken stop)
        {
            beside.SetResult();
            await Task.Yield();
            stop.ThrowIfCancellationRequested();
            return 7;
        }
    }

    [Fact]
    public async Task A_failure_of_the_task_beside_the_work_stops_the_work()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ParallelParts.RunBesideAsync(WorkAsync, _ => Task.FromException(new InvalidOperationException("it broke")), Token));

        Assert.Equal("it broke", fault.Message);

        static async Task<int> WorkAsync(CancellationToken stop)
        {
            await Never.CompletesAsync(stop);
            return 0;
        }
    }
}
