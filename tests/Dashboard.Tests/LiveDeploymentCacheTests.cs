using System.Text.Json;

using Microsoft.Extensions.Time.Testing;

using MLEvents.Dashboard.Models;
using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Tests;

public sealed class LiveDeploymentCacheTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private int _calls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Repeated_reads_of_a_page_send_one_request_in_15_s()
    {
        var cache = new LiveDeploymentCache(_time);
        foreach (var seconds in (int[])[0, 0, 14, 1])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(200, (await cache.GetAsync("deployments?endpoint=a", AnswerAsync, Token)).Status);
        }

        await cache.GetAsync("deployments?endpoint=b", AnswerAsync, Token);

        // The first request, the request after 15 s, and the request about the other endpoint.
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task A_late_answer_is_reported_as_missing_and_is_used_for_the_next_reader()
    {
        var cache = new LiveDeploymentCache(_time);
        var late = new TaskCompletionSource<ServiceAnswer>();
        var first = cache.GetAsync("deployments?endpoint=a", _ => late.Task, Token);
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.StartsWith("The deployer has not answered within 3 s.", (await first).Message, StringComparison.Ordinal);
        late.SetResult(new(200, default, ""));
        Assert.True((await cache.GetAsync("deployments?endpoint=a", AnswerAsync, Token)).IsSuccess);
        Assert.Equal(0, _calls);
    }

    private Task<ServiceAnswer> AnswerAsync(string path)
    {
        _calls++;
        using var empty = JsonDocument.Parse("{}");
        return Task.FromResult(new ServiceAnswer(200, empty.RootElement.Clone(), ""));
    }
}
