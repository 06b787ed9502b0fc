using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Component type <c>state.in-memory</c>: a dictionary, whose values are lost when the process ends.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, StateItem> _items = [];
    private DateTimeOffset _nextSweep;

    /// <inheritdoc/>
    public string KeyPrefix { get; init; } = "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities { get; } = ["ETAG", "TRANSACTIONAL", "TTL"];

    /// <summary>The number of values, including expired values that have not been removed.</summary>
    internal int Count => _items.Count;

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(Find(key, time.GetUtcNow()));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StateItem>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return Task.FromResult<IReadOnlyList<StateItem>>([.. keys.Select(key => Find(key, now)).OfType<StateItem>()]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StateOutcome>> ApplyAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Sweep(now);
            return Task.FromResult<IReadOnlyList<StateOutcome>>([.. operations.Select(operation => Apply(operation, now))]);
        }
    }

    /// <inheritdoc/>
    public Task<StateOutcome> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Sweep(now);
            var before = new Stack<(string Key, StateItem? Item)>();
            foreach (var operation in operations)
            {
                before.Push((operation.Key, _items.GetValueOrDefault(operation.Key)));
                if (Apply(operation, now) is not StateOutcome.Done and var refusal)
                {
                    Undo(before);
                    return Task.FromResult(refusal);
                }
            }

            return Task.FromResult(StateOutcome.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private StateItem? Find(string key, DateTimeOffset now) =>
        _items.TryGetValue(key, out var item) && !(item.ExpiresAt <= now) ? item : null;

    private StateOutcome Apply(StateOperation operation, DateTimeOffset now)
    {
        var current = Find(operation.Key, now);
        if (operation.ETag is not null && current?.ETag != operation.ETag)
        {
            return StateOutcome.ETagMismatch;
        }

        if (operation is StateUpsert { ETag: null, Concurrency: StateConcurrency.FirstWrite } && current is not null)
        {
            return StateOutcome.AlreadyExists;
        }

        Put(operation.Key, operation is StateUpsert upsert ? NewItem(upsert, now) : null);
        return StateOutcome.Done;
    }

    private static StateItem NewItem(StateUpsert upsert, DateTimeOffset now) =>
        new(upsert.Key, upsert.Value, Guid.NewGuid().ToString(), now + upsert.TimeToLive);

    private void Undo(Stack<(string Key, StateItem? Item)> before)
    {
        foreach (var (key, item) in before)
        {
            Put(key, item);
        }
    }

    private void Put(string key, StateItem? item)
    {
        if (item is null)
        {
            _items.Remove(key);
        }
        else
        {
            _items[key] = item;
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now < _nextSweep)
        {
            return;
        }

        _nextSweep = now + SweepInterval;
        foreach (var expired in _items.Where(pair => pair.Value.ExpiresAt <= now).Select(pair => pair.Key).ToList())
        {
            _items.Remove(expired);
        }
    }
}
