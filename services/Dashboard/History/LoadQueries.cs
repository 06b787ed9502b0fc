using Microsoft.EntityFrameworkCore;

namespace MLEvents.Dashboard.History;

/// <summary>Counts what happened in a period, by buckets of whole hours. The database keeps the counts of each hour; only latencies are read one by one.</summary>
internal sealed class LoadQueries(HistoryDatabase database)
{
    /// <summary>How many latencies of a bucket are read at most, the latest first.</summary>
    public const int MaxLatencies = 500;

    /// <summary>The number of events in each bucket, by the time of the event.</summary>
    public async Task<IReadOnlyList<BucketCount>> EventsAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Database.SqlQuery<BucketCount>($"""
            SELECT "Hour" / {period.BucketHours} AS "Bucket", CAST(SUM("Count") AS BIGINT) AS "Count" FROM "EventHours"
            WHERE "Hour" >= {period.FromHour} AND "Hour" < {period.ToHour} GROUP BY 1
            """).ToListAsync(cancellationToken);
    }

    /// <summary>The number of actions in each bucket, by rule and latest status, by the time of their latest change.</summary>
    public Task<IReadOnlyList<ActionCount>> ActionsAsync(LoadPeriod period, CancellationToken cancellationToken) => CountAsync(period, isHeldBack: false, cancellationToken);

    /// <summary>The number of actions that a limit or an approval held back, by rule. An action counts once in each hour in which it was held back.</summary>
    public Task<IReadOnlyList<ActionCount>> HeldBackAsync(LoadPeriod period, CancellationToken cancellationToken) => CountAsync(period, isHeldBack: true, cancellationToken);

    /// <summary>How long the latest actions of each bucket that succeeded took, from the time of their event.</summary>
    public async Task<IReadOnlyList<ActionLatency>> LatenciesAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var latencies = new List<ActionLatency>();
        foreach (var start in period.Starts.Select(start => start.UtcTicks))
        {
            latencies.AddRange(await context.Database.SqlQuery<ActionLatency>($"""
                SELECT "UpdatedAt" / {period.BucketTicks} AS "Bucket", "Service", "Rule", "StartedAt" - "EventTime" AS "AcceptedTicks", "UpdatedAt" - "EventTime" AS "EndedTicks"
                FROM "Actions" WHERE "UpdatedAt" >= {start} AND "UpdatedAt" < {start + period.BucketTicks} AND "Status" = 'succeeded' AND "EventTime" IS NOT NULL
                ORDER BY "UpdatedAt" DESC LIMIT {MaxLatencies}
                """).ToListAsync(cancellationToken));
        }

        return latencies;
    }

    private async Task<IReadOnlyList<ActionCount>> CountAsync(LoadPeriod period, bool isHeldBack, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Database.SqlQuery<ActionCount>($"""
            SELECT "Hour" / {period.BucketHours} AS "Bucket", "Service", "Rule", "Outcome" AS "Status", CAST(SUM("Count") AS BIGINT) AS "Count" FROM "ActionHours"
            WHERE "Hour" >= {period.FromHour} AND "Hour" < {period.ToHour} AND ("Outcome" = 'held-back') = {isHeldBack} GROUP BY 1, 2, 3, 4 HAVING SUM("Count") > 0
            """).ToListAsync(cancellationToken);
    }
}

/// <summary>A period that is divided into buckets of the same length.</summary>
/// <param name="To">Its end, at the end of a bucket.</param>
/// <param name="Bucket">The length of a bucket, a whole number of hours.</param>
/// <param name="Buckets">The number of buckets.</param>
internal sealed record LoadPeriod(DateTimeOffset To, TimeSpan Bucket, int Buckets)
{
    public long BucketTicks => Bucket.Ticks;

    public long BucketHours => Bucket.Ticks / TimeSpan.TicksPerHour;

    public long FromHour => FromTicks / TimeSpan.TicksPerHour;

    public long ToHour => ToTicks / TimeSpan.TicksPerHour;

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
