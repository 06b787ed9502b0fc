namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>The metadata of a <c>state.sqlite</c> component, under daprd's names and with daprd's defaults.</summary>
internal sealed record SqliteStateOptions
{
    /// <summary>Absolute path of the database file; its folder is created.</summary>
    public required string FilePath { get; init; }

    /// <summary>The table of the values. Default <c>state</c>.</summary>
    public string TableName { get; init; } = "state";

    /// <summary>The table that says which layout the file has. Default <c>metadata</c>.</summary>
    public string MetadataTableName { get; init; } = "metadata";

    /// <summary>How often expired values are removed; they are invisible before. Null: never. Default 1 h.</summary>
    public TimeSpan? CleanupInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a write waits for another process to finish its own, 0 s upwards. Default 2 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Keeps SQLite's rollback journal instead of its write-ahead log, for network drives. Default false.</summary>
    public bool DisableWal { get; init; }
}
