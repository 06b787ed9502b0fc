using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>Work for the writer, and the promise of its outcome.</summary>
internal sealed class SqliteJob(Func<SqliteStatements, IReadOnlyList<StateOutcome>> work)
{
    private readonly TaskCompletionSource<IReadOnlyList<StateOutcome>> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<StateOutcome> _outcomes = [];

    /// <summary>Completes when the outcomes are durable.</summary>
    public Task<IReadOnlyList<StateOutcome>> Committed => _committed.Task;

    /// <summary>Does the work inside the writer's transaction.</summary>
    public void Run(SqliteStatements statements) => _outcomes = work(statements);

    /// <summary>Tells the caller that the transaction is committed.</summary>
    public void Complete() => _committed.TrySetResult(_outcomes);

    /// <summary>Tells the caller that nothing is stored.</summary>
    public void Fail(StateStoreException exception) => _committed.TrySetException(exception);
}
