using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class ChildProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_folder.Path, "part.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_that_ends_on_SIGTERM_is_stopped()
    {
        using var part = Start("echo ready; exec sleep 100");
        await ReadyAsync();

        Assert.True(await part.TryStopAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(0, part.Resident);
    }

    [Fact]
    public async Task A_process_that_ignores_SIGTERM_is_killed_and_reported()
    {
        using var part = Start("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        await ReadyAsync();

        Assert.False(await part.TryStopAsync(TimeSpan.FromMilliseconds(300), Token));
        Assert.Equal(0, part.Resident);
    }

    [Fact]
    public async Task A_process_that_ends_by_itself_has_ended_unexpectedly_and_a_killed_one_has_not()
    {
        using var dead = Start("echo ready");
        await ReadyAsync();
        while (!dead.HasEndedUnexpectedly)
        {
            await Task.Yield();
        }

        dead.Kill();

        Assert.False(dead.HasEndedUnexpectedly);
    }

    [Fact]
    public async Task A_killed_process_can_be_started_again_and_its_log_continues()
    {
        using var part = Start("echo ready; exec sleep 100");
        await ReadyAsync();

        part.Kill();
        part.Start();

        await ReadyAsync(times: 2);
        Assert.True(part.Resident > 0);
    }

    private ChildProcess Start(string script)
    {
        var part = new ChildProcess("part", () => new ProcessStartInfo("sh", ["-c", script]), Log);
        part.Start();
        return part;
    }

    private async Task ReadyAsync(int times = 1)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        while (!File.Exists(Log) || (await File.ReadAllLinesAsync(Log, deadline.Token)).Count(line => line == "ready") < times)
        {
            await poll.WaitForNextTickAsync(deadline.Token);
        }
    }
}
