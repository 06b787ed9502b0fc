using System.Threading.Channels;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>The only writer of a store. Writes that arrive during a commit share the next commit.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxGroup = 256;

    private readonly Channel<SqliteJob> _jobs = Channel.CreateBounded<SqliteJob>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly SqliteStatements _statements;
    private readonly Task _loop;
    private long _commits;

    public SqliteWriter(SqliteDatabase database)
    {
        _statements = new(database);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Transactions committed so far.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Runs an operation in a transaction. Completes when the transaction is committed.</summary>
    /// <exception cref="StateStoreException">The transaction failed and nothing is stored, or the store is closed.</exception>
    public async Task<IReadOnlyList<StateOutcome>> RunAsync(
        Func<SqliteStatements, IReadOnlyList<StateOutcome>> work, CancellationToken cancellationToken)
    {
        var job = new SqliteJob(work);
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new StateStoreException("the state store is closed", exception);
        }

        return await job.Committed.WaitAsync(cancellationToken);
    }

    /// <summary>Completes the waiting writes, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop;
        _statements.Dispose();
    }

    private async Task RunAsync()
    {
        var group = new List<SqliteJob>(MaxGroup);
        while (await _jobs.Reader.WaitToReadAsync())
        {
            while (group.Count < MaxGroup && _jobs.Reader.TryRead(out var job))
            {
                group.Add(job);
            }

            Commit(group);
            group.Clear();
        }
    }

    /// <summary>
    /// Commits all jobs in one transaction. If the transaction fails, commits each job in its own transaction, so that only the jobs that cause an error fail.
    /// If the database is locked, all jobs fail.
    /// </summary>
    private void Commit(List<SqliteJob> group)
    {
        if (TryCommit(group) is not { } failure)
        {
            group.ForEach(job => job.Complete());
        }
        else if (group.Count == 1 || failure is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED })
        {
            group.ForEach(job => job.Fail(new StateStoreException(failure.Message, failure)));
        }
        else
        {
            group.ForEach(job => Commit([job]));
        }
    }

    /// <summary>Returns null if the transaction is committed; otherwise the error, and nothing is stored.</summary>
    private Exception? TryCommit(List<SqliteJob> group)
    {
        try
        {
            _statements.Begin();
            group.ForEach(job => job.Run(_statements));
            _statements.Commit();
            Interlocked.Increment(ref _commits);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Every error goes to the callers of the jobs. An exception here would end the loop, and later writes would never complete.
            return RollBack() ?? exception;
        }
    }

    private SqliteException? RollBack()
    {
        try
        {
            _statements.RollBack();
            return null;
        }
        catch (SqliteException exception)
        {
            return exception;
        }
    }
}
