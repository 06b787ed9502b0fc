using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>An operation that the writer executes, and the task that completes with its outcomes.</summary>
internal sealed class SqliteJob(Func<SqliteStatements, IReadOnlyList<StateOutcome>> work)
{
    private readonly TaskCompletionSource<IReadOnlyList<StateOutcome>> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<StateOutcome> _outcomes = [];

    /// <summary>Completes when the transaction of the operation is committed or has failed.</summary>
    public Task<IReadOnlyList<StateOutcome>> Committed => _committed.Task;

    /// <summary>Runs the operation in the transaction of the writer.</summary>
    public void Run(SqliteStatements statements) => _outcomes = work(statements);

    /// <summary>Completes the task: the transaction is committed.</summary>
    public void Complete() => _committed.TrySetResult(_outcomes);

    /// <summary>Completes the task with an error: nothing is stored.</summary>
    public void Fail(StateStoreException exception) => _committed.TrySetException(exception);
}
