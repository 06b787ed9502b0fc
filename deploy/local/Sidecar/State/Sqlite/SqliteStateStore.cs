using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>
/// Component type <c>state.sqlite</c>: a file that several processes can write to. A completed write is not lost when the process is killed.
/// Transactions are atomic. An expired value is not readable, and is removed in the background.
/// </summary>
internal sealed partial class SqliteStateStore : IStateStore
{
    private readonly CancellationTokenSource _closing = new();
    private readonly SqliteStateOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SqliteDatabase _database;
    private readonly SqliteReaders _readers;
    private SqliteWriter? _writer;
    private Task _cleanup = Task.CompletedTask;
    private bool _isDisposed;

    public SqliteStateStore(SqliteStateOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _database = new(options);
        _readers = new(_database);
    }

    /// <inheritdoc/>
    public string KeyPrefix { get; init; } = "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities { get; } = ["ETAG", "TRANSACTIONAL", "TTL"];

    /// <summary>Number of transactions that this process has committed.</summary>
    internal long Commits => Writer.Commits;

    private SqliteWriter Writer => _writer ?? throw new InvalidOperationException("the component is not initialized");

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        _database.Initialize();
        _writer = new SqliteWriter(_database);
        _cleanup = _options.CleanupInterval is { } interval ? CleanUpAsync(interval) : Task.CompletedTask;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult(_readers.Read(reader => reader.Find(key, _time.GetUtcNow())));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StateItem>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        Task.FromResult(_readers.Read(reader => reader.FindAll(keys, _time.GetUtcNow())));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StateOutcome>> ApplyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        Writer.RunAsync(
            statements =>
            {
                var now = _time.GetUtcNow();
                return [.. operations.Select(operation => statements.Apply(operation, now))];
            },
            cancellationToken);

    /// <inheritdoc/>
    public async Task<StateOutcome> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        (await Writer.RunAsync(statements => [statements.ApplyAll(operations, _time.GetUtcNow())], cancellationToken))[0];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _closing.CancelAsync();
        await _cleanup;
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        _readers.Dispose();
        _closing.Dispose();
    }

    private async Task CleanUpAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval, _time);
        while (await NextTickAsync(timer))
        {
            try
            {
                await Writer.RunAsync(DeleteExpired, CancellationToken.None);
            }
            catch (StateStoreException exception)
            {
                LogCleanupFailed(exception);
            }
        }
    }

    private IReadOnlyList<StateOutcome> DeleteExpired(SqliteStatements statements)
    {
        statements.DeleteExpired(_time.GetUtcNow());
        return [];
    }

    private async ValueTask<bool> NextTickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_closing.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Expired values could not be removed; the next cleanup will retry")]
    private partial void LogCleanupFailed(StateStoreException exception);
}
