namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>The metadata of a <c>state.sqlite</c> component, with daprd's names and defaults.</summary>
internal sealed record SqliteStateOptions
{
    /// <summary>Absolute path of the database file. The store creates its folder.</summary>
    public required string FilePath { get; init; }

    /// <summary>The table of the values. Default <c>state</c>.</summary>
    public string TableName { get; init; } = "state";

    /// <summary>The table with the version of the layout. Default <c>metadata</c>.</summary>
    public string MetadataTableName { get; init; } = "metadata";

    /// <summary>Interval at which expired values are removed; null if they are never removed. An expired value is not readable, even before it is removed. Default 1 h.</summary>
    public TimeSpan? CleanupInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a write waits while another process writes to the file, 0 s or more. Default 2 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether SQLite uses its rollback journal instead of its write-ahead log, which does not work on network drives. Default false.</summary>
    public bool DisableWal { get; init; }
}
