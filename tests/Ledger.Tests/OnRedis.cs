using MLEvents.Ledger.Tests.Limits;
using MLEvents.Tests.Common;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace MLEvents.Ledger.Tests;

/// <summary>Has <see cref="LedgerFixture"/> keep its state in Redis, through the sidecar, instead of the embedded store. The tests themselves are those of the base class.</summary>
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
