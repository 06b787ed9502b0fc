namespace MLEvents.Events.Limits;

/// <summary>Shows how limits would have affected past actions. The class keeps the state of the limits of one service in memory, and asks the limits in the same order as the ledger.</summary>
internal sealed class LimitTable
{
    private readonly Dictionary<string, LimitState> _states = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HashSet<string>> _documents = [];

    /// <summary>Asks all limits of an action. If one limit refuses the action, the action is removed from the other limits.</summary>
    /// <param name="applicant">The action.</param>
    /// <param name="limits">The limits, in their order.</param>
    /// <param name="now">The time.</param>
    /// <returns>
    /// The decision; the limit that did not admit the action; and the waiting actions that must ask again.
    /// The limit is null if all limits admitted the action, or if the action was already superseded.
    /// </returns>
    public (LimitDecision Decision, Limit? By, IReadOnlyList<string> Woken) Ask(LimitRequest applicant, IReadOnlyList<Limit> limits, DateTimeOffset now)
    {
        var documents = DocumentsOf(applicant.Holder);
        documents.UnionWith(limits.Select(NameOf));
        var known = applicant with { Events = documents.Aggregate(applicant.Events, (events, document) => LimitState.Union(StateOf(document).EventsOf(applicant.Holder), events)) };
        var woken = new List<string>();
        var (decision, by) = documents.Any(document => StateOf(document).Superseded.ContainsKey(known.Holder))
            ? (LimitDecision.Skip.Coalesced(SupersededBy(documents, known.Holder)), null)
            : Decide(known, limits, now, woken);
        string[] kept = decision is LimitDecision.Admitted ? [.. limits.Select(NameOf)] : by is null ? [] : [NameOf(by)];
        foreach (var document in documents.Except(kept, StringComparer.OrdinalIgnoreCase).ToList())
        {
            woken.AddRange(Change(document, state => state.Without(known.Holder, forgetUse: true)));
        }

        return (decision, by, woken);
    }

    /// <summary>Releases the places of an action that has ended.</summary>
    /// <returns>The waiting actions that must ask again.</returns>
    public IReadOnlyList<string> End(string holder)
    {
        var woken = DocumentsOf(holder)
            .SelectMany(document => Change(document, state => state.WithoutEnded(holder, forgetUse: document.StartsWith(nameof(LimitKind.Concurrency), StringComparison.Ordinal)))).ToList();
        _documents.Remove(holder);
        return woken;
    }

    private static string NameOf(Limit limit) => $"{limit.Kind} {limit.Key.Trim()}";

    // The first limit that refuses decides alone, so that the other limits do not count the action.
    private (LimitDecision Decision, Limit? By) Decide(LimitRequest applicant, IReadOnlyList<Limit> limits, DateTimeOffset now, List<string> woken)
    {
        if (limits.FirstOrDefault(limit => StateOf(NameOf(limit)).Decide(applicant, limit, now).Decision is not LimitDecision.Admitted) is { } refusing)
        {
            return (Decide(applicant, refusing, now, woken), refusing);
        }

        var events = applicant.Events;
        foreach (var limit in limits)
        {
            events = Decide(applicant with { Events = events }, limit, now, woken) is LimitDecision.Admitted admitted ? admitted.Events : events;
        }

        return (new LimitDecision.Admitted(events), null);
    }

    private LimitDecision Decide(LimitRequest applicant, Limit limit, DateTimeOffset now, List<string> woken)
    {
        var before = StateOf(NameOf(limit));
        var (after, decision) = before.Decide(applicant, limit, now);
        _states[NameOf(limit)] = after;
        woken.AddRange(after.Superseded.Keys.Except(before.Superseded.Keys));
        woken.AddRange(decision is LimitDecision.Admitted ? after.Next(limit, now) : []);
        return decision;
    }

    private IEnumerable<string> Change(string document, Func<LimitState, LimitState> change)
    {
        var before = StateOf(document);
        var after = change(before);
        _states[document] = after;
        return ReferenceEquals(before, after) || after.Queue.Count == 0 ? [] : [after.Queue[0].Holder];
    }

    private string SupersededBy(IEnumerable<string> documents, string holder) => documents.Select(document => StateOf(document).Superseded.GetValueOrDefault(holder)).OfType<Superseded>().First().By;

    private HashSet<string> DocumentsOf(string holder)
    {
        if (!_documents.TryGetValue(holder, out var documents))
        {
            _documents[holder] = documents = new(StringComparer.OrdinalIgnoreCase);
        }

        return documents;
    }

    private LimitState StateOf(string document) => _states.GetValueOrDefault(document) ?? new();
}
