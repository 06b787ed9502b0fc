using MLEvents.Ledger.Activity;

namespace MLEvents.Ledger.Execution;

/// <summary>
/// Publishes that an action was accepted: in one call with the result of the first step, or before the result if the step takes longer than
/// <see cref="MaxSilence"/>.
/// </summary>
/// <remarks>If the process ends before it publishes, the record stays accepted. The claim that takes the action over publishes the acceptance with its own result.</remarks>
internal sealed class Announcement : IAsyncDisposable
{
    /// <summary>How long the first step may take before the acceptance is published separately.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromMilliseconds(500);

    private readonly ActivityPublisher _activity;
    private readonly ActionRecord _record;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private Task<bool> _early = Task.FromResult(false);

    private Announcement(ActivityPublisher activity, ActionRecord record, TimeProvider time)
    {
        (_activity, _record, _time) = (activity, record, time);
        if (record.Status == ActionStatus.Accepted)
        {
            _timer = time.CreateTimer(static announcement => (announcement as Announcement)?.Publish(), this, MaxSilence, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Starts the timer that publishes the acceptance during a long step.</summary>
    public static Announcement Start(ActivityPublisher activity, ActionRecord record, TimeProvider time) => new(activity, record, time);

    /// <summary>The states to publish with a result: the acceptance if it is not published yet, and the result if it changes the status, the stage or the attempt.</summary>
    public async Task<IReadOnlyList<ActionRecord>> WithAsync(ActionRecord next)
    {
        await DisposeAsync();
        IReadOnlyList<ActionRecord> changes = (_record.StatusName, _record.Stage, _record.Attempt) != (next.StatusName, next.Stage, next.Attempt) ? [next] : [];
        return _record.Status == ActionStatus.Accepted && !await Volatile.Read(ref _early) ? [_record, .. changes] : changes;
    }

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    // If the broker does not accept the event now, the event is published with the result of the step.
    private void Publish() => Volatile.Write(ref _early, _activity.TryPublishAsync([ActivityEvent.From(_record, _time.GetUtcNow())], CancellationToken.None));
}
