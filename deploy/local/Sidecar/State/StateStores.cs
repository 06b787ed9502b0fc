using System.Text.RegularExpressions;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.State.Sqlite;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Creates state stores from their component documents.</summary>
internal static partial class StateStores
{
    /// <summary>Creates a store of type <c>state.in-memory</c>.</summary>
    public static IStateStore InMemory(ComponentContext context)
    {
        // Read only so that the item is not rejected as unknown. It has no effect, because the embedded sidecar has no actors.
        context.Spec.Flag("actorStateStore");
        return new InMemoryStateStore(context.Time) { KeyPrefix = StateKeyPrefix.From(context.Spec, context.Options.AppId) };
    }

    /// <summary>Creates a store of type <c>state.sqlite</c>.</summary>
    /// <exception cref="ResourceException">A metadata item is missing or wrong.</exception>
    public static IStateStore Sqlite(ComponentContext context) =>
        new SqliteStateStore(SqliteOptions(context), context.Time, context.Loggers.CreateLogger<SqliteStateStore>())
        {
            KeyPrefix = StateKeyPrefix.From(context.Spec, context.Options.AppId),
        };

    private static SqliteStateOptions SqliteOptions(ComponentContext context)
    {
        var spec = context.Spec;

        // Read only so that the item is not rejected as unknown. It has no effect, because the embedded sidecar has no actors.
        spec.Flag("actorStateStore");
        var defaults = new SqliteStateOptions { FilePath = FilePath(context) };
        var cleanup = spec.Duration("cleanupInterval", defaults.CleanupInterval ?? TimeSpan.Zero);
        return defaults with
        {
            TableName = Identifier(spec, "tableName", defaults.TableName),
            MetadataTableName = Identifier(spec, "metadataTableName", defaults.MetadataTableName),
            CleanupInterval = cleanup > TimeSpan.Zero ? cleanup : null,
            BusyTimeout = spec.Duration("busyTimeout", defaults.BusyTimeout),
            DisableWal = spec.Flag("disableWAL"),
        };
    }

    private static string FilePath(ComponentContext context)
    {
        var given = context.Spec.RequiredSetting("connectionString");
        var path = given.StartsWith("file:", StringComparison.Ordinal) ? given[5..].Split('?')[0] : given;
        return path is "" || path.Contains(":memory:", StringComparison.Ordinal)
            ? throw new ResourceException(
                context.Spec.Source, $"component '{context.Spec.Name}': '{context.Spec.Shown("connectionString", given)}' does not name a file; for a store in memory use type state.in-memory")
            : context.DataPath(path);
    }

    private static string Identifier(ComponentSpec spec, string name, string otherwise)
    {
        var given = spec.Setting(name) ?? otherwise;
        return PlainIdentifier().IsMatch(given)
            ? given
            : throw new ResourceException(
                spec.Source,
                $"component '{spec.Name}': '{spec.Shown(name, given)}' is not a table name; use at most 63 letters (A-Z, a-z), digits and underscores, and no digit at the start");
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainIdentifier();
}
