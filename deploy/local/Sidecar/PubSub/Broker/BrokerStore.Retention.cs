namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <content>
/// Retention: deletes messages that no group reads, and groups without a subscriber, so that they do not fill the disk.
/// Their age is counted in hours during which the broker ran, so a machine that was off for a month loses nothing when it starts.
/// </content>
internal sealed partial class BrokerStore
{
    /// <summary>Counts an hour of operation if the last hour was counted at least an hour ago, and stores which groups have a subscriber.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="hour">Length of an hour in milliseconds.</param>
    /// <param name="active">The groups that this process subscribes to.</param>
    public void Tick(long now, long hour, IEnumerable<long> active)
    {
        _sql.Execute(BrokerRetention.AddTick, now, hour);
        _sql.Execute(BrokerRetention.MarkNewGroups);
        foreach (var group in active)
        {
            MarkActive(group);
        }
    }

    /// <summary>Stores that a sidecar subscribes to the group.</summary>
    public void MarkActive(long group) => _sql.Execute(BrokerRetention.MarkGroup, group);

    /// <summary>Deletes groups without a subscriber, and messages that no remaining group needs, once they are older than the retention period.</summary>
    /// <param name="hours">The retention period in hours of operation, 1 or more.</param>
    /// <returns>The number of messages that were deleted.</returns>
    public int Purge(long hours)
    {
        if (_sql.Scalar(BrokerRetention.Cutoff, hours) is not { } cutoff)
        {
            return 0;
        }

        _sql.Execute(BrokerRetention.DeleteLeases, cutoff);
        _sql.Execute(BrokerRetention.DeleteGroups, cutoff);
        _sql.Execute(BrokerRetention.DeleteMarks);
        var deleted = _sql.Execute(BrokerRetention.DeleteMessages, cutoff);
        _sql.Execute(BrokerRetention.DeleteTicks, cutoff);
        return deleted;
    }
}
