using Microsoft.EntityFrameworkCore;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Tests.History;

public sealed class PostgreSqlHistoryTests(PostgreSqlServer server) : HistoryTests, IClassFixture<PostgreSqlServer>
{
    [Fact]
    public async Task A_write_fails_as_unavailable_while_the_server_is_down_and_succeeds_afterwards()
    {
        var token = TestContext.Current.CancellationToken;
        await using var history = await HistoryFixture.StartAsync(await CreateAsync(token), token);
        await server.KillAsync();

        await Assert.ThrowsAsync<HistoryUnavailableException>(() => history.ChangeAsync("a1", "running", 1, 0, token));

        await server.StartAsync(token);
        await history.ChangeAsync("a1", "succeeded", 1, 1, token);
        Assert.Equal("succeeded", (await history.Queries.FindActionAsync("a1", token))?.Status);
    }

    internal override async Task<HistoryOptions> CreateAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(PostgreSqlServer.IsInstalled, PostgreSqlServer.NotInstalled);
        return new HistoryOptions { PostgreSql = await server.CreateDatabaseAsync(cancellationToken) };
    }

    internal override async Task<HistoryContext> OpenWithoutCompiledModelAsync(CancellationToken cancellationToken) =>
        new PostgreSqlHistoryContext(new DbContextOptionsBuilder<PostgreSqlHistoryContext>().UseNpgsql((await CreateAsync(cancellationToken)).PostgreSql).Options);
}
