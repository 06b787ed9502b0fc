namespace MLEvents.Local.Sidecar.Components;

/// <summary>Settings of connections to SQLite files.</summary>
/// <seealso href="https://www.sqlite.org/pragma.html"/>
internal static class SqliteSettings
{
    /// <summary>
    /// A connection caches 8 MiB of pages instead of 2 MiB. The undo information of a single statement stays in memory.
    /// Without this setting, SQLite writes it to a file for each statement that may fail after its first change.
    /// </summary>
    public const string Memory = "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;";
}
