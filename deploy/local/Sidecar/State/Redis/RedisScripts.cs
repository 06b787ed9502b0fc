using MLEvents.Local.Sidecar.Components;

using StackExchange.Redis;

namespace MLEvents.Local.Sidecar.State.Redis;

/// <summary>Scripts that the server runs atomically. As in daprd, a value is a hash with <c>data</c> and <c>version</c>; the version is the ETag.</summary>
internal static class RedisScripts
{
    /// <summary>Returns the data, the version and the remaining milliseconds (negative: no expiry) of one key.</summary>
    public const string Read = """
        local values = redis.call('HMGET', KEYS[1], 'data', 'version')
        return { values[1], values[2], redis.call('PTTL', KEYS[1]) }
        """;

    /// <summary>
    /// Applies all operations or none, and returns the index of an outcome in <see cref="Outcomes"/>. The script first checks all versions, because Redis does not
    /// undo the writes of a script. The script also writes the field <c>first-write</c>, which a daprd that uses the same server reads.
    /// </summary>
    public const string Apply = """
        local versions = {}
        for i, key in ipairs(KEYS) do
          local at = (i - 1) * 5
          local kind, etag, first = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
          if versions[key] == nil then versions[key] = redis.call('HGET', key, 'version') end
          local current = versions[key]
          if etag ~= '' and current ~= etag then return 1 end
          if etag == '' and first == '1' and current then return 2 end
          versions[key] = kind == 'save' and string.format('%.0f', tonumber(current or 0) + 1)
        end
        for i, key in ipairs(KEYS) do
          local at = (i - 1) * 5
          if ARGV[at + 1] == 'delete' then
            redis.call('DEL', key)
          else
            redis.call('HSET', key, 'data', ARGV[at + 4])
            if ARGV[at + 3] == '1' then redis.call('HSET', key, 'first-write', 0) end
            redis.call('HINCRBY', key, 'version', 1)
            if ARGV[at + 5] == '' then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ARGV[at + 5]) end
          end
        end
        return 0
        """;

    /// <summary>The outcomes by the number that <see cref="Apply"/> returns.</summary>
    public static readonly StateOutcome[] Outcomes = [StateOutcome.Done, StateOutcome.ETagMismatch, StateOutcome.AlreadyExists];

    /// <summary>Returns the arguments of <see cref="Apply"/> for one operation. A save without a time to live gets <paramref name="otherwise"/>.</summary>
    public static RedisValue[] Arguments(StateOperation operation, TimeSpan? otherwise)
    {
        var etag = operation.ETag ?? "";
        if (operation is not StateUpsert upsert)
        {
            return ["delete", etag, "", "", ""];
        }

        var isFirst = upsert.Concurrency == StateConcurrency.FirstWrite;
        var left = upsert.TimeToLive ?? otherwise;
        return ["save", etag, isFirst ? "1" : "", upsert.Value, left is null ? "" : (long)left.Value.TotalMilliseconds];
    }
}
