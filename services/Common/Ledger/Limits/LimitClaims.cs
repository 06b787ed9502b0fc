using MLEvents.Events.Limits;
using MLEvents.Ledger.Waking;

namespace MLEvents.Ledger.Limits;

/// <summary>
/// Asks the limits of one action. All limits are read first. If one of them refuses the action, the decision is written to that limit only; otherwise, each
/// limit counts the action.
/// </summary>
internal sealed class LimitClaims(LimitStore store, EndedHolderFinder ended, ActionWaker waker, TimeProvider time)
{
    /// <summary>Asks all limits. If one limit refuses the action, the action is removed from the other limits.</summary>
    /// <param name="applicant">The action.</param>
    /// <param name="limits">The limits in force.</param>
    /// <param name="documents">The documents that can hold an entry of the action, those of <paramref name="limits"/> included.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The decision, and the limit that did not admit the action. The limit is null if all limits admitted the action, or if another action superseded it before or during the call.</returns>
    public async Task<(LimitDecision Decision, Limit? By)> AskAsync(LimitRequest applicant, IReadOnlyList<Limit> limits, IReadOnlyList<string> documents, CancellationToken cancellationToken)
    {
        var states = await ReadAsync(documents, cancellationToken);
        var known = applicant with { Events = states.Values.Aggregate(applicant.Events, (events, state) => LimitState.Union(state.EventsOf(applicant.Holder), events)) };
        var (decision, by) = FindSuperseded(states.Values, known.Holder) is { } superseded
            ? (superseded, null)
            : await DecideAsync(known, limits, states, cancellationToken);

        // A refused action can wait only at the limit that refused it. The other limits neither count it nor keep it in their queue.
        string[] kept = decision is LimitDecision.Admitted ? [.. limits.Select(store.NameOf)] : by is null ? [] : [store.NameOf(by)];
        var keeper = decision is LimitDecision.Skip ? null : kept.FirstOrDefault();
        var left = new List<LimitState>();
        foreach (var document in documents.Except(kept))
        {
            (var before, known) = await LeaveAsync(document, known, states[document].EventsOf(known.Holder), keeper, cancellationToken);
            left.Add(before);
        }

        return await CompleteAsync(known, (decision, by), left, kept, cancellationToken);
    }

    /// <summary>Removes an action from a limit after the action has ended, and wakes the next action that waits for the limit.</summary>
    /// <param name="document">The document of the limit.</param>
    /// <param name="holder">The action and its generation.</param>
    /// <param name="forgetUse">Whether the limit also stops counting the action.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task ReleaseAsync(string document, string holder, bool forgetUse, CancellationToken cancellationToken) =>
        ChangeAsync(document, state => state.WithoutEnded(holder, forgetUse), cancellationToken);

    // Returns the state before the action left, and the action with all its events. Events that joined the action after the read are first written to a limit that keeps the action.
    // Otherwise, they would be lost if the process ended before the decision is recorded.
    private async Task<(LimitState Before, LimitRequest Applicant)> LeaveAsync(
        string document, LimitRequest applicant, IReadOnlyList<string> seen, string? keeper, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (known, last) = (applicant, seen);
            var before = await ChangeAsync(document, state => CanLeave(state) ? state.Without(known.Holder, forgetUse: true) : state, cancellationToken);
            applicant = known with { Events = LimitState.Union(before.EventsOf(known.Holder), known.Events) };
            if (keeper is null || CanLeave(before))
            {
                return (before, applicant);
            }

            var events = applicant.Events;
            await store.UpdateAsync(keeper, state => state.WithEvents(known.Holder, events), cancellationToken);
            seen = before.EventsOf(known.Holder);

            // LimitState.Union keeps only the newest LimitState.MaxEvents event ids, so the known events of the action can lack some of the stored ids.
            // The action can therefore also leave if the stored ids have not changed since the last read: the keeper has already received them.
            bool CanLeave(LimitState state) => keeper is null || (state.EventsOf(known.Holder) is var stored && (stored.SequenceEqual(last) || stored.All(known.Events.Contains)));
        }
    }

    // Returns the state before the change.
    private async Task<LimitState> ChangeAsync(string document, Func<LimitState, LimitState> change, CancellationToken cancellationToken)
    {
        var (before, isChanged) = (new LimitState(), false);
        var after = await store.UpdateAsync(
            document,
            state =>
            {
                var next = change(state);
                (before, isChanged) = (state, !ReferenceEquals(next, state));
                return next;
            },
            cancellationToken);
        if (isChanged && after.Queue is [var first, ..])
        {
            await waker.WakeAsync(LimitRequest.ActionOf(first.Holder), cancellationToken);
        }

        return before;
    }

    // Another action may have joined the applicant, or superseded it, after the states were read. The events of the applicant already include the events of the actions that joined it.
    private async Task<(LimitDecision Decision, Limit? By)> CompleteAsync(
        LimitRequest applicant, (LimitDecision Decision, Limit? By) made, IReadOnlyList<LimitState> left, IReadOnlyList<string> kept, CancellationToken cancellationToken)
    {
        if (made.Decision is not LimitDecision.Skip && FindSuperseded(left, applicant.Holder) is { } superseded)
        {
            foreach (var document in kept)
            {
                await ChangeAsync(document, state => state.Without(applicant.Holder, forgetUse: true), cancellationToken);
            }

            return (superseded, null);
        }

        var decision = made.Decision switch
        {
            LimitDecision.Admitted admitted => admitted with { Events = LimitState.Union(admitted.Events, applicant.Events) },
            LimitDecision.Wait wait => wait with { Events = LimitState.Union(wait.Events, applicant.Events) },
            var other => other,
        };
        return (decision, made.By);
    }

    private async Task<Dictionary<string, LimitState>> ReadAsync(IReadOnlyList<string> documents, CancellationToken cancellationToken)
    {
        var states = await Task.WhenAll(documents.Select(document => store.ReadAsync(document, cancellationToken)));
        return documents.Zip(states).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task<(LimitDecision Decision, Limit? By)> DecideAsync(
        LimitRequest applicant, IReadOnlyList<Limit> limits, Dictionary<string, LimitState> states, CancellationToken cancellationToken)
    {
        // The first limit that refuses decides alone, so that the other limits never count the action.
        var refusing = limits.FirstOrDefault(limit => states[store.NameOf(limit)].Decide(applicant, limit, time.GetUtcNow()).Decision is not LimitDecision.Admitted);
        if (refusing is not null && await DecideAsync(applicant, refusing, cancellationToken) is not LimitDecision.Admitted and var refused)
        {
            return (refused, refusing);
        }

        var events = applicant.Events;
        foreach (var limit in limits)
        {
            var decision = await DecideAsync(applicant with { Events = events }, limit, cancellationToken);
            if (decision is not LimitDecision.Admitted admitted)
            {
                return (decision, limit);
            }

            events = admitted.Events;
        }

        return (new LimitDecision.Admitted(events), null);
    }

    // Makes the decision in one conditional write.
    private async Task<LimitDecision> DecideAsync(LimitRequest applicant, Limit limit, CancellationToken cancellationToken)
    {
        var document = store.NameOf(limit);
        var seen = await store.ReadAsync(document, cancellationToken);
        var isAdmitted = seen.Decide(applicant, limit, time.GetUtcNow()).Decision is LimitDecision.Admitted;
        var gone = isAdmitted ? [] : await ended.FindAsync(seen, limit, applicant.Holder, cancellationToken);
        var (before, decision) = (seen, default(LimitDecision));
        var after = await store.UpdateAsync(
            document,
            state =>
            {
                before = state;
                var cleared = gone.Aggregate(state, (current, holder) => current.WithoutEnded(holder, forgetUse: limit.Period is null));
                (var next, decision) = cleared.Decide(applicant, limit, time.GetUtcNow());
                return next;
            },
            cancellationToken);
        await WakeAsync(before, after, limit, decision, applicant.Holder, cancellationToken);
        return decision ?? throw new InvalidOperationException($"{LimitTexts.NameOf(limit)} made no decision.");
    }

    // Several places can be free at once, but the end of an action wakes only one waiting action. An admission therefore wakes the next ones.
    // A superseded action is woken too, so that it ends at once and not at its next check.
    private async Task WakeAsync(LimitState before, LimitState after, Limit limit, LimitDecision? decision, string applicant, CancellationToken cancellationToken)
    {
        var superseded = after.Superseded.Keys.Except(before.Superseded.Keys).Where(holder => holder != applicant);
        var next = decision is LimitDecision.Admitted ? after.Next(limit, time.GetUtcNow()) : [];
        foreach (var holder in superseded.Concat(next))
        {
            await waker.WakeAsync(LimitRequest.ActionOf(holder), cancellationToken);
        }
    }

    private static LimitDecision.Skip? FindSuperseded(IEnumerable<LimitState> states, string holder) =>
        states.Select(state => state.Superseded.GetValueOrDefault(holder)).OfType<Superseded>().FirstOrDefault() is { } superseded
            ? LimitDecision.Skip.Coalesced(superseded.By)
            : null;
}
