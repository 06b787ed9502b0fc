namespace MLEvents.Local.Sidecar.Components;

/// <summary>Settings of connections to SQLite files.</summary>
/// <seealso href="https://www.sqlite.org/pragma.html"/>
internal static class SqliteSettings
{
    /// <summary>
    /// Pages are read from memory that maps the file, so a page that another connection changed costs no call of the operating system. The undo information
    /// of a single statement stays in memory; without this setting, SQLite writes it to a file for each statement that may fail after its first change.
    /// </summary>
    public const string Reading = "PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY;";
}
