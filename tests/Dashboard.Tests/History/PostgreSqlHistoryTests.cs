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

    [Fact]
    public async Task The_stamp_of_the_history_changes_when_another_replica_stores_a_decision_that_is_older_than_the_newest_decision()
    {
        var token = TestContext.Current.CancellationToken;
        var options = await CreateAsync(token);
        await using var replica = await HistoryFixture.StartAsync(options, token);
        await using var other = await HistoryFixture.StartAsync(options, token);
        await replica.DecideAsync("a1", 0, 2, isFinal: false, token);
        var before = await replica.Queries.StampAsync(token);
        var unchanged = await replica.Queries.StampAsync(token);

        await other.DecideAsync("a1", 0, 1, isFinal: false, token);

        Assert.Equal(before, unchanged);
        Assert.NotEqual(before, await replica.Queries.StampAsync(token));
    }

    internal override async Task<HistoryOptions> CreateAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(PostgreSqlServer.IsInstalled, PostgreSqlServer.NotInstalled);
        return new HistoryOptions { PostgreSql = await server.CreateDatabaseAsync(cancellationToken) };
    }

    internal override async Task<HistoryContext> OpenWithoutCompiledModelAsync(CancellationToken cancellationToken) =>
        new PostgreSqlHistoryContext(new DbContextOptionsBuilder<PostgreSqlHistoryContext>().UseNpgsql((await CreateAsync(cancellationToken)).PostgreSql).Options);
}
