using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.Resiliency;
using MLEvents.Local.Sidecar.Runtime;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Calls one state store for the HTTP and the gRPC API: adds and removes the key prefix, applies the store's policies to each call, and reports errors with daprd's texts.</summary>
internal sealed class StateAccess
{
    private readonly string _name;
    private readonly IStateStore _store;
    private readonly PolicyRunner _policies;

    private StateAccess(string name, IStateStore store, PolicyRunner policies)
    {
        _name = name;
        _store = store;
        _policies = policies;
    }

    /// <summary>Finds a store.</summary>
    /// <exception cref="DaprException">No store has this name.</exception>
    public static StateAccess To(AppRuntime runtime, string store) =>
        runtime.Components.TryGet<IStateStore>(store, out var found)
            ? new(store, found, runtime.Policies.Outbound(store))
            : throw DaprErrors.StateStoreNotFound(store, runtime.AppId).AsException();

    /// <summary>Returns a value, or null. As in daprd, an empty value is returned as null.</summary>
    /// <exception cref="DaprException">The key is malformed, or the store cannot answer.</exception>
    public async Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var stored = Prefixed(key);
        var item = await RunAsync(
            token => _store.GetAsync(stored, token), cause => DaprErrors.StateGet(_name, key, cause), cancellationToken);
        return item is { Value.Length: > 0 } ? item : null;
    }

    /// <summary>Returns the values of the keys in order; null for a key without a value.</summary>
    /// <exception cref="DaprException">A key is malformed, or the store cannot answer.</exception>
    public async Task<IReadOnlyList<(string Key, StateItem? Item)>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        string[] stored = [.. keys.Select(Prefixed)];
        var items = await RunAsync(token => _store.GetManyAsync(stored, token), cause => DaprErrors.StateBulkGet(_name, cause), cancellationToken);
        var byKey = items.DistinctBy(item => item.Key).ToDictionary(item => item.Key);
        return [.. keys.Zip(stored, (key, prefixed) => (key, byKey.GetValueOrDefault(prefixed)))];
    }

    /// <summary>Saves each value separately: a refused save does not affect the others.</summary>
    /// <exception cref="DaprException">A key is malformed, a save was refused, or the store cannot answer.</exception>
    public async Task SaveAsync(IReadOnlyList<StateUpsert> saves, CancellationToken cancellationToken)
    {
        var operations = Prefixed(saves);
        var outcomes = await RunAsync(token => _store.ApplyAsync(operations, token), cause => DaprErrors.StateSave(_name, cause), cancellationToken);
        if (outcomes.Contains(StateOutcome.ETagMismatch))
        {
            // daprd writes the text twice: once for the batch and once for the key.
            var cause = saves.Count > 1 ? $"{DaprErrors.ETagMismatch}: {DaprErrors.ETagMismatch}" : DaprErrors.ETagMismatch;
            throw DaprErrors.StateSaveConflict(_name, cause).AsException();
        }

        if (outcomes.Contains(StateOutcome.AlreadyExists))
        {
            throw (DaprErrors.StateSave(_name, DaprErrors.NoItemUpdated) with { IsPermanent = true }).AsException();
        }
    }

    /// <summary>Deletes each key separately: a refused delete does not affect the others.</summary>
    /// <exception cref="DaprException">A key is malformed, a delete was refused, or the store cannot answer.</exception>
    public async Task DeleteAsync(IReadOnlyList<StateDelete> deletes, CancellationToken cancellationToken)
    {
        var operations = Prefixed(deletes);
        var outcomes = await RunAsync(
            token => _store.ApplyAsync(operations, token), cause => DaprErrors.StateDelete(Keys(deletes), cause), cancellationToken);
        var refused = deletes.Where((_, index) => outcomes[index] != StateOutcome.Done).ToList();
        if (refused.Count > 0)
        {
            throw DaprErrors.StateDeleteConflict(Keys(refused), DaprErrors.ETagMismatch).AsException();
        }
    }

    /// <summary>Applies all operations, or none.</summary>
    /// <exception cref="DaprException">A key is malformed, an operation was refused, or the store cannot answer.</exception>
    public async Task TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var prefixed = Prefixed(operations);
        var outcome = await RunAsync(token => _store.TransactAsync(prefixed, token), DaprErrors.StateTransaction, cancellationToken);
        if (outcome != StateOutcome.Done)
        {
            var cause = outcome == StateOutcome.ETagMismatch ? DaprErrors.ETagMismatch : DaprErrors.NoItemUpdated;
            throw (DaprErrors.StateTransaction(cause) with { IsPermanent = true }).AsException();
        }
    }

    /// <summary>Returns the error for a call of the query API, which no store supports.</summary>
    public DaprException QueryNotSupported() => DaprErrors.StateQueryNotSupported(_name).AsException();

    private static string Keys(IEnumerable<StateDelete> deletes) => string.Join(", ", deletes.Select(delete => delete.Key));

    private IReadOnlyList<StateOperation> Prefixed(IEnumerable<StateOperation> operations) =>
        [.. operations.Select(operation => operation with { Key = Prefixed(operation.Key) })];

    private string Prefixed(string key) => key switch
    {
        "" => throw DaprErrors.MalformedRequest("\"key\" is a required field").AsException(),
        _ when key.Contains(StateKeyPrefix.Separator, StringComparison.Ordinal) => throw DaprErrors.StateIllegalKey(_name, key).AsException(),
        _ => _store.KeyPrefix + key,
    };

    private async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> action, Func<string, DaprError> failed, CancellationToken cancellationToken)
    {
        try
        {
            return await _policies.RunAsync(action, cancellationToken);
        }
        catch (Exception exception) when (exception is StateStoreException or TimeoutException or BreakerOpenException)
        {
            throw failed(exception.Message).AsException(exception);
        }
    }
}
