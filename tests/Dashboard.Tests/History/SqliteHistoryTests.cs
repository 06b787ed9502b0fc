using MLEvents.Dashboard.History;
using MLEvents.Tests.Common;

namespace MLEvents.Dashboard.Tests.History;

public sealed class SqliteHistoryTests : HistoryTests, IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_killed_migration_of_an_earlier_version_does_not_block_the_next_start()
    {
        var token = TestContext.Current.CancellationToken;
        var options = await CreateAsync(token);
        await using (var first = await HistoryFixture.StartAsync(options, token))
        {
            await using var connection = first.Database.Open();
            await connection.ExecuteAsync(
                $"""CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER PRIMARY KEY, "Timestamp" TEXT NOT NULL); INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01')""",
                token);
        }

        await using var second = await HistoryFixture.StartAsync(options, token);

        Assert.True(second.Database.Ready.IsCompletedSuccessfully);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    internal override Task<HistoryOptions> CreateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new HistoryOptions { File = Path.Combine(_folder.Path, "history", "dashboard.db") });
}
