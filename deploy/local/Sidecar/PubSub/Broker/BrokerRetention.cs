namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>SQL of the retention period. A tick is an hour during which the broker ran. Its row contains the id of the last message at that time.</summary>
internal static class BrokerRetention
{
    public const string AddTick = """
        INSERT INTO retention_ticks (at, last_message)
        SELECT $1, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0)
        WHERE NOT EXISTS (SELECT 1 FROM retention_ticks WHERE at > $1 - $2 AND at <= $1)
        """;

    public const string MarkNewGroups = """
        INSERT INTO group_ticks (consumer_group, tick) SELECT id, coalesce((SELECT max(id) FROM retention_ticks), 0) FROM consumer_groups WHERE true ON CONFLICT DO NOTHING
        """;

    public const string MarkGroup = """
        INSERT INTO group_ticks (consumer_group, tick) VALUES ($1, coalesce((SELECT max(id) FROM retention_ticks), 0))
        ON CONFLICT DO UPDATE SET tick = excluded.tick
        """;

    public const string Cutoff = "SELECT id FROM retention_ticks WHERE id = (SELECT max(id) FROM retention_ticks) - $1";

    public const string DeleteLeases = "DELETE FROM leases WHERE consumer_group IN (SELECT consumer_group FROM group_ticks WHERE tick <= $1)";

    public const string DeleteGroups = "DELETE FROM consumer_groups WHERE id IN (SELECT consumer_group FROM group_ticks WHERE tick <= $1)";

    public const string DeleteMarks = "DELETE FROM group_ticks WHERE consumer_group NOT IN (SELECT id FROM consumer_groups)";

    public const string DeleteMessages = """
        DELETE FROM messages WHERE id <= (SELECT last_message FROM retention_ticks WHERE id = $1)
        AND NOT EXISTS (SELECT 1 FROM leases WHERE message = messages.id)
        AND NOT EXISTS (SELECT 1 FROM consumer_groups g WHERE g.topic = messages.topic AND g.cursor < messages.id)
        """;

    public const string DeleteTicks = "DELETE FROM retention_ticks WHERE id < $1";
}
