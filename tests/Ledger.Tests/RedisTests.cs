using MLEvents.Ledger.Tests.Limits;
using MLEvents.Tests.Common;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace MLEvents.Ledger.Tests;

/// <summary>
/// Marks a test class for which <see cref="LedgerFixture"/> uses Redis in place of the embedded store. Each class below inherits its tests from the class of the
/// same name without <c>OnRedis</c>.
/// </summary>
internal interface IUsesRedis
{
    RedisServer Redis { get; }
}

public sealed class ActionRunnerOnRedisTests(RedisServer redis) : ActionRunnerTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}

public sealed class RecordStoreOnRedisTests(RedisServer redis) : RecordStoreTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}

public sealed class HeartbeatOnRedisTests(RedisServer redis) : HeartbeatTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}

public sealed class ResourceLocksOnRedisTests(RedisServer redis) : ResourceLocksTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}

public sealed class ReconcilerOnRedisTests(RedisServer redis) : ReconcilerTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}

public sealed class FollowUpsOnRedisTests(RedisServer redis) : FollowUpsTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}

public sealed class LimitsOnRedisTests(RedisServer redis) : LimitsTests, IUsesRedis
{
    RedisServer IUsesRedis.Redis => redis;
}
