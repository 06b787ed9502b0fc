using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Recording;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>The transactions of the writer. The writer's clock stands still unless a test advances it.</summary>
public sealed class HistoryWriterTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeLogger<HistoryWriter> _logger = new();
    private readonly string _file;
    private readonly HistoryDatabase _database;
    private readonly ObservedTime _time = new();
    private readonly HistoryWriter _writer;

    public HistoryWriterTests()
    {
        _file = Path.Combine(_folder.Path, "history.db");
        var options = Options.Create(new HistoryOptions { File = _file });
        _database = new HistoryDatabase(options);
        _writer = new HistoryWriter(_database, new HistorySignal(), options, _time, _logger);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _writer.StopAsync(CancellationToken.None);
        _writer.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task After_a_large_transaction_the_next_one_waits_for_more_entries()
    {
        await WriteAndStartAsync(HistoryWriter.BusyBatch);

        var entry = WriteAsync();
        await _time.WaitOfAsync(HistoryWriter.BatchCheck, Token);
        var isWritten = entry.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(1));
        await entry.WaitAsync(Token);

        Assert.False(isWritten);
    }

    [Fact]
    public async Task Entries_after_a_small_transaction_are_written_at_once()
    {
        await WriteAndStartAsync(HistoryWriter.BusyBatch - 1);

        for (var entry = 0; entry < HistoryWriter.BusyBatch; entry++)
        {
            // The clock stands still, so an entry that waited would never be written.
            await WriteAsync().WaitAsync(Token);
        }
    }

    [Fact]
    public async Task An_outage_that_affects_a_single_entry_is_logged()
    {
        await _database.MigrateAsync(Token);
        await ReplaceDatabaseAsync();
        var entry = WriteAsync();

        await _writer.StartAsync(Token);

        await Assert.ThrowsAsync<HistoryUnavailableException>(() => entry.WaitAsync(Token));
        Assert.Equal("The history database does not accept writes. Entries whose messages the broker redelivers: 1", Assert.Single(_logger.Collector.GetSnapshot()).Message);
        Assert.NotNull(_writer.Outage);
    }

    /// <summary>Replaces the database file with a folder, so that SQLite cannot open it.</summary>
    private async Task ReplaceDatabaseAsync()
    {
        // An open connection of the pool would still write to the deleted file.
        await using var connection = _database.Open();
        SqliteConnection.ClearPool((SqliteConnection)connection.Inner);
        File.Delete(_file);
        Directory.CreateDirectory(_file);
    }

    /// <summary>Adds entries and then starts the writer, so that it writes them in one transaction.</summary>
    private async Task WriteAndStartAsync(int entries)
    {
        await _database.MigrateAsync(Token);
        var written = Enumerable.Range(0, entries).Select(_ => WriteAsync()).ToList();
        await _writer.StartAsync(Token);
        await Task.WhenAll(written).WaitAsync(Token);
    }

    private Task WriteAsync() => _writer.WriteAsync(EventEntries.From(SampleEvents.Create("RunCompleted"), _time.GetUtcNow()), Token);
}
