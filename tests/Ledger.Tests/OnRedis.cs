using MLEvents.Ledger.Tests.Limits;
using MLEvents.Tests.Common;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace MLEvents.Ledger.Tests;

/// <summary>Marks a test class for which <see cref="LedgerFixture"/> uses Redis in place of the embedded store. Each class below inherits its tests from the class without <c>OnRedis</c>.</summary>
internal interface IOnRedis
{
    RedisServer Redis { get; }
}

public sealed class ActionRunnerOnRedisTests(RedisServer redis) : ActionRunnerTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}

public sealed class RecordStoreOnRedisTests(RedisServer redis) : RecordStoreTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}

public sealed class HeartbeatOnRedisTests(RedisServer redis) : HeartbeatTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}

public sealed class ResourceLocksOnRedisTests(RedisServer redis) : ResourceLocksTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}

public sealed class ReconcilerOnRedisTests(RedisServer redis) : ReconcilerTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}

public sealed class FollowUpsOnRedisTests(RedisServer redis) : FollowUpsTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}

public sealed class LimitsOnRedisTests(RedisServer redis) : LimitsTests, IOnRedis
{
    RedisServer IOnRedis.Redis => redis;
}
