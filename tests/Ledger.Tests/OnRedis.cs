using MLEvents.Ledger.Tests.Limits;
using MLEvents.Tests.Common;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace MLEvents.Ledger.Tests;

/// <summary>Makes <see cref="LedgerFixture"/> use Redis through the sidecar in place of the embedded store. The tests themselves are those of the base class.</summary>
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
