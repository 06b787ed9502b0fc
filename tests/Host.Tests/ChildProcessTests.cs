using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Host.Tests;

public sealed class ChildProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_folder.Path, "process.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_that_ends_on_SIGTERM_is_stopped()
    {
        using var process = Start("echo ready; exec sleep 100");
        await ReadyAsync();

        Assert.True(await process.TryStopAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(0, process.Resident);
    }

    [Fact]
    public async Task A_process_that_ignores_SIGTERM_is_killed_and_reported()
    {
        using var process = Start("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        await ReadyAsync();

        Assert.False(await process.TryStopAsync(TimeSpan.FromMilliseconds(300), Token));
        Assert.Equal(0, process.Resident);
    }

    [Fact]
    public async Task A_process_that_ended_by_itself_has_ended_unexpectedly_until_Kill_is_called()
    {
        using var dead = Start("echo ready");
        await ReadyAsync();
        await Poll.UntilAsync(() => dead.HasEndedUnexpectedly, Token);
        dead.Kill();

        Assert.False(dead.HasEndedUnexpectedly);
    }

    [Fact]
    public async Task A_killed_process_can_be_started_again_and_its_log_continues()
    {
        using var process = Start("echo ready; exec sleep 100");
        await ReadyAsync();

        process.Kill();
        process.Start();

        await ReadyAsync(times: 2);
        Assert.True(process.Resident > 0);
    }

    private ChildProcess Start(string script)
    {
        var process = new ChildProcess("process", () => new ProcessStartInfo("sh", ["-c", script]), Log);
        process.Start();
        return process;
    }

    private async Task ReadyAsync(int times = 1) => await Poll.UntilAsync(
        async token => File.Exists(Log) ? (await File.ReadAllLinesAsync(Log, token)).Count(line => line == "ready") : 0, count => count >= times, Token);
}
