using System.Threading.Channels;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>The one writer of this process. Writes that arrive during a commit share the next one.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int LargestGroup = 256;

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

    /// <summary>Runs work inside a transaction; returns when it is committed.</summary>
    /// <exception cref="StateStoreException">The transaction failed; nothing of it is stored.</exception>
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

    /// <summary>Finishes what was asked for, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop;
        _statements.Dispose();
    }

    private async Task RunAsync()
    {
        var group = new List<SqliteJob>(LargestGroup);
        while (await _jobs.Reader.WaitToReadAsync())
        {
            while (group.Count < LargestGroup && _jobs.Reader.TryRead(out var job))
            {
                group.Add(job);
            }

            Commit(group);
            group.Clear();
        }
    }

    /// <summary>All in one transaction; where one of them fails, each in its own, so that it fails alone.</summary>
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

    /// <summary>Null, or why nothing is stored.</summary>
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
            // Every failure goes to the callers: if the loop ended, they would never complete.
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
