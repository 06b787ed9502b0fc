namespace MLEvents.Dashboard.History;

/// <summary>Reads the counts and latencies of a period, in buckets of whole hours. Triggers in the database maintain the counts of each hour; latencies are read from the actions.</summary>
internal sealed class LoadQueries(HistoryDatabase database)
{
    /// <summary>The largest number of latencies that are read for a bucket. The latest latencies are read.</summary>
    public const int MaxLatencies = 500;

    /// <summary>The number of events in each bucket. The time of the event determines the bucket.</summary>
    public async Task<IReadOnlyList<BucketCount>> EventsAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.QueryAsync(
            $"""
             SELECT "Hour" / {period.BucketHours} AS "Bucket", CAST(SUM("Count") AS BIGINT) FROM "EventHours"
             WHERE "Hour" >= {period.FromHour} AND "Hour" < {period.ToHour} GROUP BY 1
             """,
            row => new BucketCount(row.GetInt64(0), row.GetInt64(1)),
            cancellationToken);
    }

    /// <summary>The number of actions in each bucket by rule and latest status. The time of the latest change determines the bucket.</summary>
    public Task<IReadOnlyList<ActionCount>> ActionsAsync(LoadPeriod period, CancellationToken cancellationToken) => CountAsync(period, isHeldBack: false, cancellationToken);

    /// <summary>The number of actions that a limit, an approval or a refused credential held back, in each bucket by rule. An action counts once in each hour in which it was held back.</summary>
    public Task<IReadOnlyList<ActionCount>> HeldBackAsync(LoadPeriod period, CancellationToken cancellationToken) => CountAsync(period, isHeldBack: true, cancellationToken);

    /// <summary>The latencies of the latest succeeded actions of each bucket, measured from the time of the event.</summary>
    public async Task<IReadOnlyList<ActionLatency>> LatenciesAsync(LoadPeriod period, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var latencies = new List<ActionLatency>();
        foreach (var start in period.Starts.Select(start => start.UtcTicks))
        {
            latencies.AddRange(await connection.QueryAsync(
                $"""
                 SELECT "UpdatedAt" / {period.BucketTicks} AS "Bucket", "Service", "Rule", "StartedAt" - "EventTime", "UpdatedAt" - "EventTime"
                 FROM "Actions" WHERE "UpdatedAt" >= {start} AND "UpdatedAt" < {start + period.BucketTicks} AND "Status" = 'succeeded' AND "EventTime" IS NOT NULL
                 ORDER BY "UpdatedAt" DESC LIMIT {MaxLatencies}
                 """,
                row => new ActionLatency(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4)),
                cancellationToken));
        }

        return latencies;
    }

    private async Task<IReadOnlyList<ActionCount>> CountAsync(LoadPeriod period, bool isHeldBack, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.QueryAsync(
            $"""
             SELECT "Hour" / {period.BucketHours} AS "Bucket", "Service", "Rule", "Outcome", CAST(SUM("Count") AS BIGINT) FROM "ActionHours"
             WHERE "Hour" >= {period.FromHour} AND "Hour" < {period.ToHour} AND ("Outcome" = 'held-back') = {isHeldBack} GROUP BY 1, 2, 3, 4 HAVING SUM("Count") > 0
             """,
            row => new ActionCount(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4)),
            cancellationToken);
    }
}

/// <summary>A period that is divided into buckets of the same length.</summary>
/// <param name="To">The end of the period, which is the end of a bucket.</param>
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

    /// <summary>Creates the period whose last bucket contains a time.</summary>
    public static LoadPeriod EndingAt(DateTimeOffset now, TimeSpan bucket, int buckets) => new(new DateTimeOffset(((now.UtcTicks / bucket.Ticks) + 1) * bucket.Ticks, TimeSpan.Zero), bucket, buckets);

    /// <summary>The index of a bucket that a query returned.</summary>
    public int IndexOf(long bucket) => (int)(bucket - (FromTicks / BucketTicks));
}

/// <summary>A number of events.</summary>
internal sealed record BucketCount(long Bucket, long Count);

/// <summary>A number of actions.</summary>
internal sealed record ActionCount(long Bucket, string Service, string Rule, string Status, long Count);

/// <summary>The time from an event until its action was accepted, and until the action ended.</summary>
internal sealed record ActionLatency(long Bucket, string Service, string Rule, long AcceptedTicks, long EndedTicks);
