using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Recording;
using MLEvents.Dashboard.Site;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Pages;

/// <summary>The stream of changes for open pages.</summary>
public sealed class LiveUpdatesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stream_of_a_page_ends_without_an_error_when_the_service_stops()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        var services = dashboard.Fixture.Service.Services;

        services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Empty(await services.GetRequiredService<LiveUpdates>().ReadAsync(Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_change_that_arrives_after_many_later_changes_updates_open_pages()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);
        var services = dashboard.Fixture.Service.Services;
        var writer = services.GetRequiredService<HistoryWriter>();
        var now = TimeProvider.System.GetUtcNow();
        for (var attempt = 2; attempt <= 30; attempt++)
        {
            await writer.WriteAsync(Change(attempt, now), Token);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        await using var updates = services.GetRequiredService<LiveUpdates>().ReadAsync(deadline.Token).GetAsyncEnumerator(deadline.Token);
        Assert.True(await updates.MoveNextAsync());
        var before = HistoryOf(updates.Current);

        await writer.WriteAsync(Change(attempt: 1, now.AddMinutes(-1)), Token);

        do
        {
            Assert.True(await updates.MoveNextAsync());
        }
        while (HistoryOf(updates.Current) == before);
    }

    // An update begins with a version number for the health of the services. This number can change at any time.
    private static string HistoryOf(string update) => update.Split(' ', 2)[1];

    private static ActionEntry Change(int attempt, DateTimeOffset time) => ActivityEntries.From(
        $"change-{attempt}",
        new("retrainer", "churn", "00112233445566778899", "running", "", attempt, "chain-1", EventReference.To(SampleEvents.Create("RunCompleted")), "", new Dictionary<string, Uri>()),
        time);
}
