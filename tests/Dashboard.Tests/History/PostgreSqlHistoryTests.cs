using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;

using Npgsql;

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

    [Fact]
    public async Task A_missing_database_is_created()
    {
        var token = TestContext.Current.CancellationToken;
        var settings = new NpgsqlConnectionStringBuilder((await CreateAsync(token)).PostgreSql) { Database = "My \"history\"" };
        using var database = new HistoryDatabase(Options.Create(new HistoryOptions { PostgreSql = settings.ConnectionString }));

        await database.MigrateAsync(token);

        await using var connection = database.Open();
        Assert.Equal(["My \"history\""], await connection.QueryAsync($"SELECT current_database()::text", row => row.GetString(0), token));
        Assert.Equal(0, await connection.CountWritesAsync(token));
    }

    [Fact]
    public async Task A_database_that_cannot_be_created_is_reported()
    {
        var token = TestContext.Current.CancellationToken;
        var settings = new NpgsqlConnectionStringBuilder((await CreateAsync(token)).PostgreSql) { Database = "missing", Username = "unprivileged" };
        using var server = new HistoryDatabase(Options.Create(await CreateAsync(token)));
        await using var connection = server.Open();
        await connection.ExecuteAsync($"CREATE ROLE unprivileged LOGIN", token);
        using var database = new HistoryDatabase(Options.Create(new HistoryOptions { PostgreSql = settings.ConnectionString }));

        var exception = await Assert.ThrowsAsync<PostgresException>(() => database.MigrateAsync(token));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, exception.SqlState);
        Assert.False(database.IsUnavailable(exception));
    }

    internal override async Task<HistoryOptions> CreateAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(PostgreSqlServer.IsInstalled, PostgreSqlServer.NotInstalled);
        return new HistoryOptions { PostgreSql = await server.CreateDatabaseAsync(cancellationToken) };
    }
}
