using Microsoft.EntityFrameworkCore;

namespace MLEvents.Dashboard.History;

/// <summary>Counts what happened in a period, by buckets of time. The databases count; only latencies are read one by one.</summary>
internal sealed class LoadQueries(HistoryDatabase database)
{
    /// <summary>How many latencies are read at most, the latest first.</summary>
    public const int MaxLatencies = 20_000;

    /// <summary>The number of events in each bucket, by the time of the event.</summary>
    public async Task<IReadOnlyList<BucketCount>> EventsAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Database.SqlQuery<BucketCount>($"""
            SELECT "Time" / {period.BucketTicks} AS "Bucket", COUNT(*) AS "Count" FROM "Events"
            WHERE "Time" >= {period.FromTicks} AND "Time" < {period.ToTicks} GROUP BY 1
            """).ToListAsync(cancellationToken);
    }

    /// <summary>The number of actions in each bucket, by rule and latest status, by the time of their latest change.</summary>
    public async Task<IReadOnlyList<ActionCount>> ActionsAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Database.SqlQuery<ActionCount>($"""
            SELECT "UpdatedAt" / {period.BucketTicks} AS "Bucket", "Service", "Rule", "Status", COUNT(*) AS "Count" FROM "Actions"
            WHERE "UpdatedAt" >= {period.FromTicks} AND "UpdatedAt" < {period.ToTicks} GROUP BY 1, 2, 3, 4
            """).ToListAsync(cancellationToken);
    }

    /// <summary>The number of actions in each bucket that a limit or an approval held back, by rule.</summary>
    public async Task<IReadOnlyList<ActionCount>> HeldBackAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Database.SqlQuery<ActionCount>($"""
            SELECT "Time" / {period.BucketTicks} AS "Bucket", "Service", "Rule", "Status", COUNT(DISTINCT "ActionId") AS "Count" FROM "Changes"
            WHERE "Time" >= {period.FromTicks} AND "Time" < {period.ToTicks} AND "Status" = 'waiting' GROUP BY 1, 2, 3, 4
            """).ToListAsync(cancellationToken);
    }

    /// <summary>How long the latest actions that succeeded took, from the time of their event.</summary>
    public async Task<IReadOnlyList<ActionLatency>> LatenciesAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Database.SqlQuery<ActionLatency>($"""
            SELECT done."UpdatedAt" / {period.BucketTicks} AS "Bucket", done."Service", done."Rule",
            done."StartedAt" - cause."Time" AS "AcceptedTicks", done."UpdatedAt" - cause."Time" AS "EndedTicks"
            FROM "Actions" AS done JOIN "Events" AS cause ON cause."Key" = done."EventKey"
            WHERE done."UpdatedAt" >= {period.FromTicks} AND done."UpdatedAt" < {period.ToTicks} AND done."Status" = 'succeeded'
            ORDER BY done."UpdatedAt" DESC LIMIT {MaxLatencies}
            """).ToListAsync(cancellationToken);
    }
}

/// <summary>A period that is divided into buckets of the same length.</summary>
/// <param name="To">Its end, at the end of a bucket.</param>
/// <param name="Bucket">The length of a bucket.</param>
/// <param name="Buckets">The number of buckets.</param>
internal sealed record LoadPeriod(DateTimeOffset To, TimeSpan Bucket, int Buckets)
{
    public long BucketTicks => Bucket.Ticks;

    public long ToTicks => To.UtcTicks;

    public long FromTicks => To.UtcTicks - (Buckets * Bucket.Ticks);

    /// <summary>The start of each bucket.</summary>
    public IReadOnlyList<DateTimeOffset> Starts => [.. Enumerable.Range(0, Buckets).Select(index => new DateTimeOffset(FromTicks + (index * BucketTicks), TimeSpan.Zero))];

    /// <summary>The buckets that end with the one that a time is in.</summary>
    public static LoadPeriod EndingAt(DateTimeOffset now, TimeSpan bucket, int buckets) => new(new DateTimeOffset(((now.UtcTicks / bucket.Ticks) + 1) * bucket.Ticks, TimeSpan.Zero), bucket, buckets);

    /// <summary>The place of a bucket that a query returned.</summary>
    public int IndexOf(long bucket) => (int)(bucket - (FromTicks / BucketTicks));
}

/// <summary>A number of events.</summary>
internal sealed record BucketCount(long Bucket, long Count);

/// <summary>A number of actions.</summary>
internal sealed record ActionCount(long Bucket, string Service, string Rule, string Status, long Count);

/// <summary>How long an action took.</summary>
internal sealed record ActionLatency(long Bucket, string Service, string Rule, long AcceptedTicks, long EndedTicks);
