using Microsoft.Extensions.Time.Testing;

namespace MLEvents.Ledger.Tests;

public sealed class WaitingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    [InlineData(10, 900)]
    [InlineData(1000, 900)]
    public void The_wait_doubles_with_each_failure_up_to_the_maximum(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Wait(failures, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(15)));

    [Fact]
    public async Task Without_a_signal_the_reconciler_waits_for_its_poll_interval()
    {
        var time = new FakeTimeProvider();
        var wait = new ReconcilerSignal(time).WaitAsync(TimeSpan.FromSeconds(5), Token);

        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        await wait.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Work_that_is_due_earlier_ends_the_wait()
    {
        var time = new FakeTimeProvider();
        var signal = new ReconcilerSignal(time);
        var wait = signal.WaitAsync(TimeSpan.FromHours(1), Token);

        signal.Due(time.GetUtcNow());

        await wait.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Token);
    }

    [Fact]
    public async Task Stopping_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        var wait = new ReconcilerSignal(new FakeTimeProvider()).WaitAsync(TimeSpan.FromHours(1), stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }
}
