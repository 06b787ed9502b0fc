namespace MLEvents.Events.Limits;

/// <summary>
/// The actions that a limit counts, and those that wait for it, stored in one key of the state store. This class makes all decisions, without I/O.
/// </summary>
/// <remarks>The generated JSON code sets a member to null if the stored JSON does not contain it. A member with another default therefore replaces null by its default.</remarks>
internal sealed record LimitState
{
    /// <summary>The largest number of event ids that are stored for one action. The newest ones are kept.</summary>
    public const int MaxEvents = 1000;

    // Far longer than the time until the superseded action reads the decision.
    private static readonly TimeSpan SupersededFor = TimeSpan.FromDays(7);

    /// <summary>The admitted actions by holder.</summary>
    public IReadOnlyDictionary<string, LimitUse> Uses { get; init => field = value ?? new Dictionary<string, LimitUse>(); } = new Dictionary<string, LimitUse>();

    /// <summary>The waiting actions in the order in which they are admitted.</summary>
    public IReadOnlyList<LimitWaiter> Queue { get; init => field = value ?? []; } = [];

    /// <summary>Actions whose events another action handles, by holder, so that a repeated step gets the same decision.</summary>
    public IReadOnlyDictionary<string, Superseded> Superseded { get; init => field = value ?? new Dictionary<string, Superseded>(); } = new Dictionary<string, Superseded>();

    /// <summary>The longest period of the limits that use the key. Starts are stored for this time.</summary>
    public TimeSpan LongestPeriod { get; init; }

    /// <summary>Decides about an action. An action that is counted or superseded gets the same decision again.</summary>
    /// <returns>The state afterwards and the decision. The state is the same object if nothing changes.</returns>
    public (LimitState Next, LimitDecision Decision) Decide(LimitRequest applicant, Limit limit, DateTimeOffset now)
    {
        var uses = Current(limit, now);
        if (OwnUse(applicant, limit, uses) is { } use)
        {
            return (WithEvents(applicant.Holder, applicant.Events), new LimitDecision.Admitted(Union(use.Events, applicant.Events)));
        }

        if (Superseded.TryGetValue(applicant.Holder, out var superseded))
        {
            return (this, LimitDecision.Skip.Coalesced(superseded.By));
        }

        var (next, waiter) = limit.WhenBusy == WhenBusy.Coalesce ? Coalesce(applicant, now) : (this, WaiterOf(applicant));
        return waiter.Holder != applicant.Holder
            ? (next, LimitDecision.Skip.Coalesced(waiter.Holder))
            : next.Place(waiter, limit, uses, now);
    }

    /// <summary>The state without an action. The action's record has not ended; the action leaves this limit because, for instance, another limit does not admit it.</summary>
    /// <remarks>The entry in <c>Superseded</c> stays until the action's record has ended, because the action asks again after a crash.</remarks>
    /// <param name="holder">The holder.</param>
    /// <param name="forgetUse">Whether the limit also stops counting the action.</param>
    public LimitState Without(string holder, bool forgetUse)
    {
        var isCounted = forgetUse && Uses.ContainsKey(holder);
        var isQueued = Queue.Any(waiter => waiter.Holder == holder);
        return !isCounted && !isQueued ? this : this with
        {
            Uses = isCounted ? Except(Uses, holder) : Uses,
            Queue = isQueued ? [.. Queue.Where(waiter => waiter.Holder != holder)] : Queue,
        };
    }

    /// <summary>The state without an action whose record has ended.</summary>
    /// <param name="holder">The holder.</param>
    /// <param name="forgetUse">Whether the limit also stops counting the action.</param>
    public LimitState WithoutEnded(string holder, bool forgetUse)
    {
        var left = Without(holder, forgetUse);
        return left.Superseded.ContainsKey(holder) ? left with { Superseded = Except(left.Superseded, holder) } : left;
    }

    /// <summary>The state in which a counted or waiting action also acts for further events. The state is the same object if nothing changes.</summary>
    /// <param name="holder">The holder. If only an earlier start of the action is counted, the events are added to that start.</param>
    /// <param name="events">The ids of the events.</param>
    public LimitState WithEvents(string holder, IReadOnlyList<string> events)
    {
        if (Queue.FirstOrDefault(entry => entry.Holder == holder) is { } waiter)
        {
            var joined = waiter with { Events = Union(waiter.Events, events) };
            return ReferenceEquals(joined.Events, waiter.Events) ? this : this with { Queue = [.. Queue.Select(entry => entry.Holder == holder ? joined : entry)] };
        }

        var action = LimitRequest.ActionOf(holder);
        var counted = Uses.ContainsKey(holder) ? holder : Uses.Keys.FirstOrDefault(key => LimitRequest.ActionOf(key) == action);
        if (counted is null)
        {
            return this;
        }

        var use = Uses[counted];
        var all = Union(use.Events, events);
        return ReferenceEquals(all, use.Events) ? this : this with { Uses = new Dictionary<string, LimitUse>(Uses) { [counted] = use with { Events = all } } };
    }

    /// <summary>The ids of the events that a counted or waiting action acts for; empty if the action is neither.</summary>
    public IReadOnlyList<string> EventsOf(string holder) =>
        Uses.GetValueOrDefault(holder)?.Events ?? Queue.FirstOrDefault(waiter => waiter.Holder == holder)?.Events ?? [];

    /// <summary>The waiting actions that the limit would admit now.</summary>
    public IEnumerable<string> Next(Limit limit, DateTimeOffset now) => Queue.Take(Math.Max(0, limit.Max - Current(limit, now).Count)).Select(waiter => waiter.Holder);

    /// <summary>The distinct ids of two lists, the newest <see cref="MaxEvents"/> of them.</summary>
    public static IReadOnlyList<string> Union(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        other.All(one.Contains) ? one : [.. one.Union(other).TakeLast(MaxEvents)];

    private Dictionary<string, LimitUse> Current(Limit limit, DateTimeOffset now) =>
        Uses.Where(use => limit.Period is not { } period || now - use.Value.At < period).ToDictionary();

    // A restarted action is not counted again in the same period, so that its earlier start does not block it.
    private static LimitUse? OwnUse(LimitRequest applicant, Limit limit, Dictionary<string, LimitUse> uses)
    {
        var action = LimitRequest.ActionOf(applicant.Holder);
        return uses.TryGetValue(applicant.Holder, out var own) ? own
            : limit.Period is null ? null
            : uses.FirstOrDefault(use => LimitRequest.ActionOf(use.Key) == action).Value;
    }

    private LimitWaiter WaiterOf(LimitRequest applicant)
    {
        var queued = Queue.FirstOrDefault(waiter => waiter.Holder == applicant.Holder);
        return new(applicant.Holder, applicant.Rule, applicant.EventTime, queued is null ? applicant.Events : Union(queued.Events, applicant.Events));
    }

    // Only one action of the rule waits: the action with the newest event. It gets the queue position of the waiting action, and the events of both actions.
    private (LimitState Next, LimitWaiter Waiter) Coalesce(LimitRequest applicant, DateTimeOffset now)
    {
        var own = WaiterOf(applicant);
        if (Queue.FirstOrDefault(waiter => waiter.Rule == applicant.Rule && waiter.Holder != applicant.Holder) is not { } other)
        {
            return (this, own);
        }

        var (older, newer) = applicant.EventTime >= other.EventTime ? (other, own) : (own, other);
        var joined = newer with { Events = Union(older.Events, newer.Events) };
        var next = this with
        {
            Queue = [.. Queue.Where(waiter => waiter.Holder != own.Holder).Select(waiter => waiter == other ? joined : waiter)],
            Superseded = new Dictionary<string, Superseded>(Superseded.Where(entry => now - entry.Value.At < SupersededFor)) { [older.Holder] = new(newer.Holder, now) },
        };
        return (next, joined);
    }

    private (LimitState Next, LimitDecision Decision) Place(LimitWaiter waiter, Limit limit, Dictionary<string, LimitUse> uses, DateTimeOffset now)
    {
        var queued = Queue.TakeWhile(entry => entry.Holder != waiter.Holder).Count();
        if (limit.Max - uses.Count > queued)
        {
            return (Take(waiter, limit, now), new LimitDecision.Admitted(waiter.Events));
        }

        var (reason, until) = LimitTexts.Describe(limit, uses, queued);
        return limit.WhenBusy == WhenBusy.Skip
            ? (Without(waiter.Holder, forgetUse: false), new LimitDecision.Skip(reason, until))
            : (Enqueue(waiter, queued), new LimitDecision.Wait(reason, until, waiter.Events));
    }

    private LimitState Take(LimitWaiter waiter, Limit limit, DateTimeOffset now)
    {
        var longest = limit.Period > LongestPeriod ? limit.Period.Value : LongestPeriod;
        var kept = limit.Period is null ? Uses : Uses.Where(use => now - use.Value.At < longest);
        return this with
        {
            LongestPeriod = longest,
            Uses = new Dictionary<string, LimitUse>(kept) { [waiter.Holder] = new(now, waiter.Events) },
            Queue = [.. Queue.Where(entry => entry.Holder != waiter.Holder)],
        };
    }

    private LimitState Enqueue(LimitWaiter waiter, int position) =>
        position == Queue.Count ? this with { Queue = [.. Queue, waiter] }
        : Queue[position].Events.SequenceEqual(waiter.Events) ? this
        : this with { Queue = [.. Queue.Select(entry => entry.Holder == waiter.Holder ? waiter : entry)] };

    private static Dictionary<string, T> Except<T>(IReadOnlyDictionary<string, T> all, string holder) => all.Where(entry => entry.Key != holder).ToDictionary();
}

/// <summary>An action that a limit counts.</summary>
/// <param name="At">When the action was admitted.</param>
/// <param name="Events">The ids of the events that the action acts for.</param>
internal sealed record LimitUse(DateTimeOffset At, IReadOnlyList<string> Events);

/// <summary>An action that waits for a limit.</summary>
/// <param name="Holder">The action and its generation.</param>
/// <param name="Rule">The rule that requested the action.</param>
/// <param name="EventTime">When the action's event happened.</param>
/// <param name="Events">The ids of the events that the action acts for, including its own event.</param>
internal sealed record LimitWaiter(string Holder, string Rule, DateTimeOffset EventTime, IReadOnlyList<string> Events);

/// <summary>An action that is not started because another one handles its events.</summary>
/// <param name="By">The other action.</param>
/// <param name="At">When the decision was made.</param>
internal sealed record Superseded(string By, DateTimeOffset At);
