namespace MLEvents.Local.Sidecar.Components;

/// <summary>Settings of connections to SQLite files.</summary>
/// <seealso href="https://www.sqlite.org/pragma.html"/>
internal static class SqliteSettings
{
    /// <summary>
    /// A connection caches 8 MiB of pages instead of 2 MiB. With <c>temp_store = MEMORY</c>, the undo information of a single statement stays in memory.
    /// Otherwise, SQLite writes this information to a file for each statement that may fail after its first change.
    /// </summary>
    public const string Memory = "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;";
}
