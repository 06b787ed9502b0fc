using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using MLEvents.Dashboard.Site;

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
}
