using System.Text.Json;

using Microsoft.Data.Sqlite;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>The broker's SQL on one connection. Not thread-safe: only the loop of <see cref="BrokerEngine"/> uses it.</summary>
internal sealed partial class BrokerStore(SqliteConnection connection) : IDisposable
{
    private static readonly Dictionary<string, string> NoMetadata = [];
    private readonly PreparedStatements _sql = new(connection);
    private readonly HashSet<string?> _changed = [];

    /// <summary>Returns a number that changes after a commit on another connection of any process.</summary>
    public long DataVersion() => _sql.Scalar("PRAGMA data_version") ?? 0;

    /// <summary>Topics with new or released messages since <see cref="Begin"/>; null stands for all topics.</summary>
    public IReadOnlyCollection<string?> Changed => _changed;

    public void Begin()
    {
        _changed.Clear();
        _sql.Execute("BEGIN IMMEDIATE");
    }

    public void Commit() => _sql.Execute("COMMIT");

    /// <summary>Undoes the open transaction. SQLite may have done this itself, for example when the disk is full.</summary>
    public void Rollback()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            _sql.Execute("ROLLBACK");
        }
    }

    public void Publish(string topic, IReadOnlyList<BrokerMessage> messages, int? keep)
    {
        _changed.Add(topic);
        foreach (var message in messages)
        {
            _sql.Execute(BrokerSchema.Publish, topic, message.Data, message.Metadata.Count == 0 ? null : JsonSerializer.Serialize(message.Metadata, BrokerMessageJson.Default.IReadOnlyDictionaryStringString));
        }

        if (keep is { } most)
        {
            _sql.Execute(BrokerSchema.TrimLeases, topic, most);
            _sql.Execute(BrokerSchema.Trim, topic, most);
        }
    }

    /// <summary>Returns the id of a group, and adds the group if it does not exist. A new group starts at the oldest stored message.</summary>
    public long Group(string topic, string name)
    {
        _sql.Execute(BrokerSchema.AddGroup, topic, name);
        return _sql.Scalar(BrokerSchema.FindGroup, topic, name) ?? throw new InvalidOperationException("the group that was just added does not exist");
    }

    /// <summary>Leases messages up to the limit: first messages whose lease has expired, then new messages.</summary>
    public ClaimedBatch Claim(long group, string owner, ClaimLimit limit, long now, long until)
    {
        var bytes = 0L;
        var claimed = _sql.Query(BrokerSchema.Due, Take, IsWithin, group, now, limit.Messages);
        var fresh = claimed.Count < limit.Messages && IsWithin() ? _sql.Query(BrokerSchema.New, Take, IsWithin, group, limit.Messages - claimed.Count) : [];
        if (claimed.Count > 0)
        {
            _sql.Execute(BrokerSchema.RenewLeases, group, Ids(claimed.Select(message => message.Id)), until, owner);
        }

        if (fresh.Count > 0)
        {
            _sql.Execute(BrokerSchema.LeaseNew, group, fresh[^1].Id, until, owner);
            _sql.Execute(BrokerSchema.Advance, group, fresh[^1].Id);
        }

        var isFull = claimed.Count + fresh.Count == limit.Messages || !IsWithin();
        return new ClaimedBatch([.. claimed, .. fresh], isFull, _sql.Scalar(BrokerSchema.NextDue, group));

        bool IsWithin() => bytes < limit.Bytes;

        ClaimedMessage Take(SqliteDataReader reader)
        {
            var message = Read(reader, until);
            bytes += message.Message.Data.Length;
            return message;
        }
    }

    /// <summary>Ends deliveries: the group does not get the messages again.</summary>
    public void Settle(long group, IEnumerable<long> messages)
    {
        var ids = Ids(messages);
        _sql.Execute(BrokerSchema.Settle, group, ids);
        _sql.Execute(BrokerSchema.Forget, ids);
    }

    /// <summary>Ends a delivery if this consumer still holds the lease.</summary>
    public bool SettleHeld(long group, ClaimedMessage delivery)
    {
        var isHeld = _sql.Execute(BrokerSchema.SettleHeld, group, delivery.Id, delivery.LeasedUntil) == 1;
        if (isHeld)
        {
            _sql.Execute(BrokerSchema.Forget, Ids([delivery.Id]));
        }

        return isHeld;
    }

    /// <summary>Moves the due time of a lease if this consumer still holds it.</summary>
    public bool Reschedule(long group, ClaimedMessage delivery, long due) => _sql.Execute(BrokerSchema.Reschedule, group, delivery.Id, delivery.LeasedUntil, due) == 1;

    /// <summary>The owners of all leases.</summary>
    public IReadOnlyList<string> Owners() => _sql.Query(BrokerSchema.Owners, reader => reader.GetString(0));

    /// <summary>Makes all leases of an owner due at once.</summary>
    public void Release(string owner)
    {
        _sql.Execute(BrokerSchema.Release, owner);
        _changed.Add(null);
    }

    /// <summary>Makes a lease due at once if this consumer still holds it.</summary>
    public void Abandon(string topic, long group, ClaimedMessage delivery)
    {
        Reschedule(group, delivery, due: 0);
        _changed.Add(topic);
    }

    public IReadOnlyList<Backlog> Backlog() =>
        _sql.Query(BrokerSchema.Backlog, reader => new Backlog(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));

    public void Dispose()
    {
        _sql.Dispose();
        connection.Dispose();
    }

    // Returns the ids as a JSON array, so that one statement can settle or lease all messages of a batch. One statement for each message would take several times as long.
    private static string Ids(IEnumerable<long> messages) => $"[{string.Join(',', messages)}]";

    private static ClaimedMessage Read(SqliteDataReader reader, long until)
    {
        var metadata = reader.IsDBNull(2) ? null : JsonSerializer.Deserialize(reader.GetString(2), BrokerMessageJson.Default.DictionaryStringString);
        return new ClaimedMessage(reader.GetInt64(0), new BrokerMessage(reader.GetFieldValue<byte[]>(1), metadata ?? NoMetadata), until);
    }
}
