namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// Tables of the broker. A group's cursor is the last message that was delivered to the group. A row in <c>leases</c> is a message that was delivered and is not
/// settled. A message is deleted after every group of its topic has passed it and no lease refers to it. A topic without a group stores its messages for the retention period.
/// </summary>
internal static class BrokerSchema
{
    public const string Create = """
        CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL, metadata TEXT);
        CREATE INDEX IF NOT EXISTS messages_by_topic ON messages (topic, id);
        CREATE TABLE IF NOT EXISTS consumer_groups (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, name TEXT NOT NULL, cursor INTEGER NOT NULL, UNIQUE (topic, name));
        CREATE TABLE IF NOT EXISTS leases (message INTEGER NOT NULL, consumer_group INTEGER NOT NULL, due INTEGER NOT NULL, owner TEXT, PRIMARY KEY (message, consumer_group)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS leases_by_due ON leases (consumer_group, due);
        CREATE TABLE IF NOT EXISTS retention_ticks (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, last_message INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS group_ticks (consumer_group INTEGER PRIMARY KEY, tick INTEGER NOT NULL);
        """;

    public const string Publish = "INSERT INTO messages (topic, data, metadata) VALUES ($1, $2, $3)";

    public const string AddGroup = "INSERT INTO consumer_groups (topic, name, cursor) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING";

    public const string FindGroup = "SELECT id FROM consumer_groups WHERE topic = $1 AND name = $2";

    public const string Due = """
        SELECT m.id, m.data, m.metadata FROM leases l JOIN messages m ON m.id = l.message
        WHERE l.consumer_group = $1 AND l.due <= $2 ORDER BY l.due, l.message LIMIT $3
        """;

    public const string New = """
        SELECT m.id, m.data, m.metadata FROM consumer_groups g JOIN messages m ON m.topic = g.topic AND m.id > g.cursor
        WHERE g.id = $1 ORDER BY m.id LIMIT $2
        """;

    public const string RenewLeases = "UPDATE leases SET due = $3, owner = $4 WHERE consumer_group = $1 AND message IN (SELECT value FROM json_each($2))";

    /// <summary>Leases the messages of the topic from the cursor to the message $2.</summary>
    public const string LeaseNew = """
        INSERT INTO leases (consumer_group, message, due, owner)
        SELECT g.id, m.id, $3, $4 FROM consumer_groups g JOIN messages m ON m.topic = g.topic AND m.id > g.cursor AND m.id <= $2 WHERE g.id = $1
        ON CONFLICT DO UPDATE SET due = excluded.due, owner = excluded.owner
        """;

    public const string Advance = "UPDATE consumer_groups SET cursor = $2 WHERE id = $1";

    public const string NextDue = "SELECT min(due) FROM leases WHERE consumer_group = $1";

    public const string Settle = "DELETE FROM leases WHERE consumer_group = $1 AND message IN (SELECT value FROM json_each($2))";

    public const string SettleHeld = "DELETE FROM leases WHERE consumer_group = $1 AND message = $2 AND due = $3";

    public const string Reschedule = "UPDATE leases SET due = $4 WHERE consumer_group = $1 AND message = $2 AND due = $3";

    public const string Forget = """
        DELETE FROM messages WHERE id IN (SELECT value FROM json_each($1))
        AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.message = messages.id)
        AND NOT EXISTS (SELECT 1 FROM consumer_groups g WHERE g.topic = messages.topic AND g.cursor < messages.id)
        """;

    public const string Owners = "SELECT DISTINCT owner FROM leases WHERE owner IS NOT NULL";

    public const string Release = "UPDATE leases SET due = 0, owner = NULL WHERE owner = $1";

    /// <summary>Deletes the leases of the messages that <see cref="Trim"/> deletes. Such a lease would stay due and never be settled.</summary>
    public const string TrimLeases = """
        DELETE FROM leases WHERE message IN
        (SELECT id FROM messages WHERE topic = $1 AND id <= (SELECT id FROM messages WHERE topic = $1 ORDER BY id DESC LIMIT 1 OFFSET $2))
        """;

    public const string Trim = "DELETE FROM messages WHERE topic = $1 AND id <= (SELECT id FROM messages WHERE topic = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";

    public const string Backlog = """
        SELECT g.topic, g.name, (SELECT count(*) FROM messages m WHERE m.topic = g.topic AND m.id > g.cursor),
               (SELECT count(*) FROM leases l WHERE l.consumer_group = g.id)
        FROM consumer_groups g
        UNION ALL
        SELECT m.topic, '', count(*), 0 FROM messages m WHERE NOT EXISTS (SELECT 1 FROM consumer_groups g WHERE g.topic = m.topic) GROUP BY m.topic
        ORDER BY 1, 2
        """;
}
