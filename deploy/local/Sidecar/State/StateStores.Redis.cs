using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.State.Redis;

namespace MLEvents.Local.Sidecar.State;

/// <summary>Creates state stores from their component documents.</summary>
internal static partial class StateStores
{
    /// <summary>Creates a store of type <c>state.redis</c>.</summary>
    /// <exception cref="ResourceException">A metadata item is missing or wrong.</exception>
    public static IStateStore Redis(ComponentContext context) =>
        new RedisStateStore(RedisOptions(context.Spec), context.Time) { KeyPrefix = StateKeyPrefix.From(context.Spec, context.Options.AppId) };

    private static RedisStateOptions RedisOptions(ComponentSpec spec)
    {
        // 'actorStateStore' and 'poolSize' are read only so that they are not rejected as unknown. They have no effect, because the embedded sidecar has no actors and sends all commands
        // over one connection.
        spec.Flag("actorStateStore");
        spec.Number("poolSize", 0);
        var defaults = new RedisStateOptions { Host = Host(spec) };
        var seconds = spec.Number("ttlInSeconds", 0);
        return defaults with
        {
            UserName = spec.Setting("redisUsername"),
            Password = spec.Setting("redisPassword"),
            Database = spec.Number("redisDB", defaults.Database),
            EnableTls = spec.Flag("enableTLS"),
            TimeToLive = seconds > 0 ? TimeSpan.FromSeconds(seconds) : null,
            DialTimeout = Timeout(spec, "dialTimeout", defaults.DialTimeout),
            ReadTimeout = Timeout(spec, "readTimeout", defaults.ReadTimeout),
        };
    }

    private static string Host(ComponentSpec spec)
    {
        var given = spec.RequiredSetting("redisHost");
        return given.Contains(',', StringComparison.Ordinal)
            ? throw new ResourceException(spec.Source, $"component '{spec.Name}': '{spec.Shown("redisHost", given)}' contains several servers; the embedded sidecar supports one server")
            : given;
    }

    private static TimeSpan Timeout(ComponentSpec spec, string name, TimeSpan otherwise)
    {
        var given = spec.Duration(name, otherwise);
        return given > TimeSpan.Zero && given <= TimeSpan.FromHours(1)
            ? given
            : throw new ResourceException(spec.Source, $"component '{spec.Name}': '{name}' must be more than 0 s and at most 1 h");
    }
}
