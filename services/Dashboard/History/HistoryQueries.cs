using Microsoft.EntityFrameworkCore;

using MLEvents.Events;

namespace MLEvents.Dashboard.History;

/// <summary>Reads the history for the pages.</summary>
internal sealed class HistoryQueries(HistoryDatabase database)
{
    private const int MaxRows = 500;

    // An index is used if it finds at most this number of events. If more events match, a scan of all events, the latest first, finds the first page faster.
    private const int MaxByIndex = 10_000;

    /// <summary>The events that a search finds, the latest arrival first.</summary>
    public async Task<IReadOnlyList<StoredEvent>> SearchAsync(EventSearch search, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var events = search.Terms is { Count: > 0 } terms ? await ByIndexAsync(context, context.EventsWithTerms(terms), context.EventsWithTerms(terms), cancellationToken)
            : search.SubjectPrefix is { Length: > 0 } prefix ? await ByIndexAsync(context, context.EventsWithSubject(prefix), context.Events, cancellationToken)
            : context.Events;
        return await Filter(events, search).OrderByDescending(stored => stored.Seq).Take(search.Limit).ToListAsync(cancellationToken);
    }

    /// <summary>Finds an event by its key.</summary>
    public async Task<StoredEvent?> FindEventAsync(string key, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Events.FirstOrDefaultAsync(stored => stored.Key == key, cancellationToken);
    }

    /// <summary>Finds the events with an id or a key. Events from different sources may have the same id.</summary>
    public async Task<IReadOnlyList<StoredEvent>> FindEventsByIdAsync(string id, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Events.Where(stored => stored.Id == id || stored.Key == id).OrderBy(stored => stored.Seq).Take(MaxRows).ToListAsync(cancellationToken);
    }

    /// <summary>The actions that an event caused.</summary>
    public async Task<IReadOnlyList<StoredAction>> ActionsOfEventAsync(string eventKey, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Actions.Where(action => action.EventKey == eventKey).OrderBy(action => action.StartedAt).ToListAsync(cancellationToken);
    }

    /// <summary>The actions that any of the events caused.</summary>
    public async Task<IReadOnlyList<StoredAction>> ActionsOfEventsAsync(IReadOnlyList<string> eventKeys, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Actions.Where(action => eventKeys.Contains(action.EventKey)).OrderBy(action => action.StartedAt).ToListAsync(cancellationToken);
    }

    /// <summary>Events about a model, the latest arrival first. If the name is null, the registrations and deployments of all models.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ModelEventsAsync(string? model, int limit, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var events = model is null ? context.Events.Where(stored => stored.Type == EventTypes.ModelRegistered || stored.Type == EventTypes.ModelDeployed) : context.Events.Where(stored => stored.Model == model);
        return await events.Where(stored => stored.Model != "").OrderByDescending(stored => stored.Seq).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>Finds an action by its id.</summary>
    public async Task<StoredAction?> FindActionAsync(string id, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Actions.FirstOrDefaultAsync(action => action.Id == id, cancellationToken);
    }

    /// <summary>The changes of an action, the earliest first.</summary>
    public async Task<IReadOnlyList<StoredChange>> ChangesOfActionAsync(string actionId, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Changes.Where(change => change.ActionId == actionId).OrderBy(change => change.Time).ThenBy(change => change.Attempt).ToListAsync(cancellationToken);
    }

    /// <summary>The actions that a search finds, the latest change first.</summary>
    public async Task<IReadOnlyList<StoredAction>> ActionsAsync(ActionSearch search, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var actions = search.Statuses is { Count: > 0 } statuses ? context.Actions.Where(action => statuses.Contains(action.Status)) : context.Actions;
        actions = search.Service is { Length: > 0 } service ? actions.Where(action => action.Service == service) : actions;
        actions = search.Rule is { Length: > 0 } rule ? actions.Where(action => action.Rule == rule) : actions;
        actions = search.Since is { } since ? actions.Where(action => action.UpdatedAt >= since) : actions;
        actions = search.Before is { } before ? actions.Where(action => action.UpdatedAt < before) : actions;
        actions = search.Correlation is { Length: > 0 } correlation ? actions.Where(action => action.CorrelationId == correlation) : actions;
        actions = search.Detail is { Length: > 0 } detail ? WithDetail(actions, detail) : actions;
        actions = search.After is (var at, var id) ? actions.Where(action => action.UpdatedAt <= at && (action.UpdatedAt < at || string.Compare(action.Id, id) > 0)) : actions;
        return await actions.OrderByDescending(action => action.UpdatedAt).ThenBy(action => action.Id).Take(search.Limit).ToListAsync(cancellationToken);
    }

    /// <summary>The number of actions that have a status and whose latest change is not before a time.</summary>
    public async Task<int> CountActionsAsync(string status, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.Actions.CountAsync(action => action.Status == status && action.UpdatedAt >= since, cancellationToken);
    }

    /// <summary>The events, actions and changes of a chain, the earliest 500 of each.</summary>
    public async Task<ChainHistory> ChainAsync(string correlationId, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var actions = await context.Actions.Where(action => action.CorrelationId == correlationId).OrderBy(action => action.StartedAt).Take(MaxRows).ToListAsync(cancellationToken);
        var changes = await context.Changes.Where(change => change.CorrelationId == correlationId).OrderBy(change => change.Time).Take(MaxRows).ToListAsync(cancellationToken);

        // The event of a model registration does not contain the id of the chain. Such an event joins the chain through an action that it caused.
        var keys = actions.Select(action => action.EventKey).Distinct().ToList();
        var events = await context.Events.Where(stored => stored.CorrelationId == correlationId || keys.Contains(stored.Key)).OrderBy(stored => stored.Time).Take(MaxRows).ToListAsync(cancellationToken);
        return new(correlationId, events, actions, changes);
    }

    /// <summary>
    /// Returns a value that changes when new events, changes of actions, questions or decisions are stored.
    /// </summary>
    /// <remarks>
    /// With SQLite, the value stays the same if a question or a decision is older than one that is already stored, or if a change of an action is older than 20 stored changes.
    /// With PostgreSQL, the value changes with each transaction of a writer, on any replica.
    /// </remarks>
    public async Task<string> StampAsync(CancellationToken cancellationToken)
    {
        await database.Ready.WaitAsync(cancellationToken);
        await using var context = database.Open();
        var writes = await context.CountWritesAsync(cancellationToken);
        var latest = await context.Events.MaxAsync(stored => (long?)stored.Seq, cancellationToken);
        var changed = await context.Changes.OrderByDescending(change => change.Time).Select(change => change.Id).Take(20).ToListAsync(cancellationToken);
        var asked = await context.Questions.MaxAsync(question => (DateTimeOffset?)question.AskedAt, cancellationToken);
        var decided = await context.Decisions.MaxAsync(decision => (DateTimeOffset?)decision.At, cancellationToken);
        return $"{writes} {latest} {asked?.UtcTicks} {decided?.UtcTicks} {string.Join(' ', changed)}";
    }

    /// <summary>For each service, the version of the rules that was in force at a time.</summary>
    public async Task<IReadOnlyList<RuleLoad>> RulesInForceAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var services = await context.RuleLoads.Select(load => load.Service).Distinct().Order().ToListAsync(cancellationToken);
        var loads = new List<RuleLoad>();
        foreach (var service in services)
        {
            loads.AddRange(await context.RuleLoads.Where(load => load.Service == service && load.At <= at).OrderByDescending(load => load.At).Take(1).ToListAsync(cancellationToken));
        }

        return loads;
    }

    /// <summary>The times when versions of a service's rules came into force, the latest first.</summary>
    public async Task<IReadOnlyList<RuleLoad>> RuleLoadsAsync(string service, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.RuleLoads.Where(load => load.Service == service).OrderByDescending(load => load.At).Take(MaxRows).ToListAsync(cancellationToken);
    }

    /// <summary>The files of a version of rules.</summary>
    public async Task<IReadOnlyList<StoredRuleFile>> RuleFilesAsync(string service, string version, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        return await context.RuleFiles.Where(file => file.Service == service && file.Version == version).OrderBy(file => file.Path).ToListAsync(cancellationToken);
    }

    /// <summary>The operations of users, the latest first.</summary>
    /// <param name="before">The id of the last entry of the previous page; null for the first page.</param>
    /// <param name="limit">The largest number of entries.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(long? before, int limit, CancellationToken cancellationToken)
    {
        await using var context = database.Open();
        var entries = before is { } end ? context.Audit.Where(entry => entry.Id < end) : context.Audit;
        return await entries.OrderByDescending(entry => entry.Id).Take(limit).ToListAsync(cancellationToken);
    }

    private static IQueryable<StoredAction> WithDetail(IQueryable<StoredAction> actions, string detail)
    {
        const string escape = "\\";
        var pattern = $"%{detail.ToLowerInvariant().Replace(escape, @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
        return actions.Where(action => action.Detail != null && EF.Functions.Like(action.Detail.ToLower(), pattern, escape));
    }

    private static IQueryable<StoredEvent> Filter(IQueryable<StoredEvent> events, EventSearch search)
    {
        events = search.Type is { Length: > 0 } type ? events.Where(stored => stored.Type == type) : events;
        events = search.Workspace is { Length: > 0 } workspace ? events.Where(stored => stored.Workspace == workspace) : events;
        events = search.Model is { Length: > 0 } model ? events.Where(stored => stored.Model == model) : events;
        events = search.Before is { } before ? events.Where(stored => stored.Seq < before) : events;
        events = search.From is { } from ? events.Where(stored => stored.Time >= from) : events;
        events = search.To is { } to ? events.Where(stored => stored.Time < to) : events;
        return search.SubjectPrefix is { } prefix ? WithSubjectPrefix(events, prefix)
            : search.Subject is { Length: > 0 } subject ? events.Where(stored => stored.Subject == subject)
            : events;
    }

    // Both databases count code points in substrings. LIKE is not used, because it ignores letter case in SQLite.
    private static IQueryable<StoredEvent> WithSubjectPrefix(IQueryable<StoredEvent> events, string prefix)
    {
        var length = prefix.EnumerateRunes().Count();
        return events.Where(stored => stored.Subject.Substring(0, length) == prefix);
    }

    // A search returns the latest events. A database that expects many hits scans all events, the latest first. If there are few hits, this scan takes a second for a million events.
    // PostgreSQL expects many hits for a term about which it has no statistics. The index is therefore read first, without an order.
    private static async Task<IQueryable<StoredEvent>> ByIndexAsync(HistoryContext context, IQueryable<StoredEvent> found, IQueryable<StoredEvent> ifMany, CancellationToken cancellationToken)
    {
        var seqs = await found.Select(stored => stored.Seq).Take(MaxByIndex + 1).ToListAsync(cancellationToken);
        return seqs.Count > MaxByIndex ? ifMany : context.Events.Where(stored => seqs.Contains(stored.Seq));
    }
}

/// <summary>A search for actions. An action must meet every condition that is set.</summary>
internal sealed record ActionSearch
{
    public IReadOnlyList<string> Statuses { get; init; } = [];

    public string? Service { get; init; }

    public string? Rule { get; init; }

    /// <summary>The start of the period: actions whose latest change is before this time are not listed.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The end of the period: actions whose latest change is at this time or later are not listed.</summary>
    public DateTimeOffset? Before { get; init; }

    public string? Correlation { get; init; }

    /// <summary>The string that the detail contains, in any letter case.</summary>
    public string? Detail { get; init; }

    /// <summary>The last action of the previous page; null for the first page.</summary>
    public (DateTimeOffset At, string Id)? After { get; init; }

    public int Limit { get; init; } = 50;
}

/// <summary>The events, actions and changes of a chain, each list ordered by time.</summary>
internal sealed record ChainHistory(string CorrelationId, IReadOnlyList<StoredEvent> Events, IReadOnlyList<StoredAction> Actions, IReadOnlyList<StoredChange> Changes);
