using MLEvents.Local.Sidecar.Components;

using StackExchange.Redis;

namespace MLEvents.Local.Sidecar.State.Redis;

/// <summary>
/// Component type <c>state.redis</c>: values in a Redis server, in daprd's form, so that daprd can use the same server.
/// The durability depends on the persistence settings of Redis. The clock of the server decides when values expire.
/// </summary>
internal sealed class RedisStateStore(RedisStateOptions options, TimeProvider time) : IStateStore
{
    private ConnectionMultiplexer? _connection;

    /// <inheritdoc/>
    public string KeyPrefix { get; init; } = "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities { get; } = ["ETAG", "TRANSACTIONAL", "TTL"];

    private IDatabase Database => (_connection ?? throw new InvalidOperationException("the component is not initialized")).GetDatabase(options.Database);

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationOptions
        {
            User = options.UserName,
            Password = options.Password,
            Ssl = options.EnableTls,
            ConnectTimeout = (int)options.DialTimeout.TotalMilliseconds,
            AsyncTimeout = (int)options.ReadTimeout.TotalMilliseconds,
        };
        configuration.EndPoints.Add(options.Host);
        var connecting = ConnectionMultiplexer.ConnectAsync(configuration);
        try
        {
            _connection = await GuardAsync(() => connecting, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // ConnectAsync takes no token, so it may still succeed.
            _ = DisposeLaterAsync(connecting);
            throw;
        }

        await GuardAsync(() => Database.PingAsync(), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var answer = await EvaluateAsync(RedisScripts.Read, [key], [], cancellationToken);
        var (data, left) = ((byte[]?)answer[0], (long)answer[2]);
        return data is null ? null : new StateItem(key, data, (string?)answer[1] ?? "", left < 0 ? null : time.GetUtcNow().AddMilliseconds(left));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StateItem>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(keys.Select(key => GetAsync(key, cancellationToken)))).OfType<StateItem>()];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StateOutcome>> ApplyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        await Task.WhenAll(operations.Select(operation => TransactAsync([operation], cancellationToken)));

    /// <inheritdoc/>
    public async Task<StateOutcome> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        RedisKey[] keys = [.. operations.Select(operation => (RedisKey)operation.Key)];
        RedisValue[] arguments = [.. operations.SelectMany(operation => RedisScripts.Arguments(operation, options.TimeToLive))];
        return RedisScripts.Outcomes[(int)await EvaluateAsync(RedisScripts.Apply, keys, arguments, cancellationToken)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }
    }

    // Each call sends the text of the script instead of its hash. A restarted server does not know the hashes of scripts, so the first call with a hash after a restart would fail.
    private Task<RedisResult> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        GuardAsync(() => Database.ScriptEvaluateAsync(script, keys, arguments, CommandFlags.NoScriptCache), cancellationToken);

    private static async Task DisposeLaterAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            await (await connecting).DisposeAsync();
        }
        catch (RedisException)
        {
            // No connection was established.
        }
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw new StateStoreException(exception.Message, exception);
        }
    }
}
