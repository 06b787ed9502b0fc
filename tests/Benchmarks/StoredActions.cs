using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Data.Sqlite;

namespace MLEvents.Benchmarks;

/// <summary>Copies actions in the state store of a stopped system, because a million real actions would take too long.</summary>
internal static class StoredActions
{
    private const string Record = "action-";
    private const string Index = "pending-";

    /// <summary>The size of the state store with its log, in MiB.</summary>
    public static double SizeMiB(string folder) => Directory.EnumerateFiles(Path.Combine(folder, "data"), "state.db*").Sum(file => new FileInfo(file).Length) / (1024.0 * 1024);

    /// <summary>The number of actions that wait for a later time.</summary>
    public static int CountWaiting(string folder)
    {
        using var connection = Open(folder);
        return Read(connection, Record).Count(row => JsonNode.Parse(row.Value)?["dueAt"] is not null);
    }

    /// <summary>Adds copies of a finished action.</summary>
    public static void AddFinished(string folder, int count)
    {
        using var connection = Open(folder);
        Insert(connection, Read(connection, Record)[0], count);
    }

    /// <summary>Makes the waiting actions due at the given time, and adds copies of one of these actions. The copies are never due.</summary>
    public static void AddWaiting(string folder, int count, DateTimeOffset due)
    {
        using var connection = Open(folder);
        var waiting = Read(connection, Record);
        var never = Insert(connection, waiting[0] with { Value = WithDue(waiting[0].Value, DateTimeOffset.MaxValue.AddYears(-7000)) }, count);
        foreach (var row in waiting)
        {
            Update(connection, row with { Value = WithDue(row.Value, due) });
        }

        var shards = Read(connection, Index);
        var entry = shards.SelectMany(shard => Entries(shard)).First().Value ?? throw new InvalidOperationException("The pending index is empty.");
        foreach (var shard in shards)
        {
            Update(connection, shard with { Value = WithEntries(shard, shards.Count, entry, never, due) });
        }
    }

    private static string WithEntries(Row shard, int shards, JsonNode entry, IReadOnlyList<string> never, DateTimeOffset due)
    {
        var entries = Entries(shard);
        foreach (var (_, own) in entries)
        {
            own!["dueAt"] = due;
        }

        var number = int.Parse(shard.Key[(shard.Key.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        foreach (var id in never.Where(id => Convert.ToInt32(id[..4], 16) % shards == number))
        {
            var copy = entry.DeepClone();
            copy["dueAt"] = DateTimeOffset.MaxValue.AddYears(-7000);
            entries[id] = copy;
        }

        return entries.ToJsonString();
    }

    private static JsonObject Entries(Row shard) => JsonNode.Parse(shard.Value) as JsonObject ?? throw new InvalidOperationException($"{shard.Key} is not an index.");

    private static string WithDue(string record, DateTimeOffset due)
    {
        var json = JsonNode.Parse(record) ?? throw new InvalidOperationException("The record is null.");
        json["dueAt"] = due;
        return json.ToJsonString();
    }

    private static SqliteConnection Open(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "data", "state.db")};Default Timeout=10;Pooling=False");
        connection.Open();
        return connection;
    }

    private static List<Row> Read(SqliteConnection connection, string prefix)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT key, value FROM state WHERE key LIKE '%||' || $prefix || '%' ORDER BY key";
        command.Parameters.AddWithValue("$prefix", prefix);
        using var reader = command.ExecuteReader();
        var rows = new List<Row>();
        while (reader.Read())
        {
            rows.Add(new Row(reader.GetString(0), Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(1))));
        }

        return rows;
    }

    private static List<string> Insert(SqliteConnection connection, Row template, int count)
    {
        var start = template.Key.LastIndexOf(Record, StringComparison.Ordinal) + Record.Length;
        var (prefix, old) = (template.Key[..start], template.Key[start..]);
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO state (key, value, etag, expires) VALUES ($key, $value, '1', NULL)";
        var (key, value) = (command.Parameters.Add("$key", SqliteType.Text), command.Parameters.Add("$value", SqliteType.Blob));
        var ids = new List<string>(count);
        for (var number = 0; number < count; number++)
        {
            var id = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)))[..old.Length];
            (key.Value, value.Value) = (prefix + id, Encoding.UTF8.GetBytes(template.Value.Replace(old, id, StringComparison.Ordinal)));
            command.ExecuteNonQuery();
            ids.Add(id);
        }

        transaction.Commit();
        return ids;
    }

    private static void Update(SqliteConnection connection, Row row)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE state SET value = $value WHERE key = $key";
        command.Parameters.AddWithValue("$key", row.Key);
        command.Parameters.AddWithValue("$value", Encoding.UTF8.GetBytes(row.Value));
        command.ExecuteNonQuery();
    }

    private sealed record Row(string Key, string Value);
}
