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
        await using var connection = database.Open();
        var index = await FindByIndexAsync(connection, search, cancellationToken);
        return await connection.ReadEventsAsync($"""{Sql.Where([index, .. Conditions(search)])} ORDER BY "Seq" DESC LIMIT {search.Limit}""", cancellationToken);
    }

    /// <summary>Finds an event by its key.</summary>
    public async Task<StoredEvent?> FindEventAsync(string key, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadEventsAsync($"""WHERE "Key" = {key}""", cancellationToken) is [var only] ? only : null;
    }

    /// <summary>Finds the events with an id or a key. Events from different sources may have the same id.</summary>
    public async Task<IReadOnlyList<StoredEvent>> FindEventsByIdAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadEventsAsync($"""WHERE "Id" = {id} OR "Key" = {id} ORDER BY "Seq" LIMIT {MaxRows}""", cancellationToken);
    }

    /// <summary>The actions that an event caused.</summary>
    public async Task<IReadOnlyList<StoredAction>> ActionsOfEventAsync(string eventKey, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadActionsAsync($"""WHERE "EventKey" = {eventKey} ORDER BY "StartedAt" """, cancellationToken);
    }

    /// <summary>The actions that any of the events caused.</summary>
    public async Task<IReadOnlyList<StoredAction>> ActionsOfEventsAsync(IReadOnlyList<string> eventKeys, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadActionsAsync($"""WHERE {connection.AnyOf("EventKey", eventKeys)} ORDER BY "StartedAt" """, cancellationToken);
    }

    /// <summary>Events about a model, the latest arrival first. If the name is null, the registrations and deployments of all models.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ModelEventsAsync(string? model, int limit, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var about = connection.AnyOf(model is null ? "Type" : "Model", model is null ? [EventTypes.ModelRegistered, EventTypes.ModelDeployed] : [model]);
        return await connection.ReadEventsAsync($"""WHERE {about} AND "Model" <> '' ORDER BY "Seq" DESC LIMIT {limit}""", cancellationToken);
    }

    /// <summary>Finds an action by its id.</summary>
    public async Task<StoredAction?> FindActionAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadActionsAsync($"""WHERE "Id" = {id}""", cancellationToken) is [var only] ? only : null;
    }

    /// <summary>The changes of an action, the earliest first.</summary>
    public async Task<IReadOnlyList<StoredChange>> ChangesOfActionAsync(string actionId, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadChangesAsync($"""WHERE "ActionId" = {actionId} ORDER BY "Time", "Attempt" """, cancellationToken);
    }

    /// <summary>The actions that a search finds, the latest change first.</summary>
    public async Task<IReadOnlyList<StoredAction>> ActionsAsync(ActionSearch search, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var where = Sql.Where(
            search.Statuses is { Count: > 0 } statuses ? connection.AnyOf("Status", statuses) : null,
            Sql.Compare("Service", "=", search.Service),
            Sql.Compare("Rule", "=", search.Rule),
            Sql.Compare("UpdatedAt", ">=", search.Since),
            Sql.Compare("UpdatedAt", "<", search.Before),
            Sql.Compare("CorrelationId", "=", search.Correlation),
            search.Detail is { Length: > 0 } detail ? HasDetail(detail) : null,
            search.After is (var at, var id) ? IsAfter(at, id) : null);
        return await connection.ReadActionsAsync($"""{where} ORDER BY "UpdatedAt" DESC, "Id" LIMIT {search.Limit}""", cancellationToken);
    }

    /// <summary>The number of actions that have a status and whose latest change is not before a time.</summary>
    public async Task<int> CountActionsAsync(string status, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return (int)await connection.CountAsync($"""SELECT COUNT(*) FROM "Actions" WHERE "Status" = {status} AND "UpdatedAt" >= {since}""", cancellationToken);
    }

    /// <summary>The events, actions and changes of a chain, the earliest 500 of each.</summary>
    public async Task<ChainHistory> ChainAsync(string correlationId, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var actions = await connection.ReadActionsAsync($"""WHERE "CorrelationId" = {correlationId} ORDER BY "StartedAt" LIMIT {MaxRows}""", cancellationToken);
        var changes = await connection.ReadChangesAsync($"""WHERE "CorrelationId" = {correlationId} ORDER BY "Time" LIMIT {MaxRows}""", cancellationToken);

        // The event of a model registration does not contain the id of the chain. Such an event joins the chain through an action that it caused.
        var isCause = connection.AnyOf("Key", [.. actions.Select(action => action.EventKey).Distinct()]);
        var events = await connection.ReadEventsAsync($"""WHERE "CorrelationId" = {correlationId} OR {isCause} ORDER BY "Time" LIMIT {MaxRows}""", cancellationToken);
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
        await using var connection = database.Open();
        var writes = await connection.CountWritesAsync(cancellationToken);
        var changed = await connection.QueryAsync($"""SELECT "Id" FROM "Changes" ORDER BY "Time" DESC LIMIT 20""", row => row.GetString(0), cancellationToken);
        var latest = await connection.QueryAsync(
            $"""SELECT (SELECT MAX("Seq") FROM "Events"), (SELECT MAX("AskedAt") FROM "Questions"), (SELECT MAX("At") FROM "Decisions")""",
            row => $"{row[0]} {row[1]} {row[2]}",
            cancellationToken);
        return $"{writes} {latest[0]} {string.Join(' ', changed)}";
    }

    /// <summary>For each service, the version of the rules that was in force at a time.</summary>
    public async Task<IReadOnlyList<RuleLoad>> RulesInForceAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var services = await connection.QueryAsync($"""SELECT DISTINCT "Service" FROM "RuleLoads" ORDER BY "Service" """, row => row.GetString(0), cancellationToken);
        var loads = new List<RuleLoad>();
        foreach (var service in services)
        {
            loads.AddRange(await connection.ReadRuleLoadsAsync($"""WHERE "Service" = {service} AND "At" <= {at} ORDER BY "At" DESC LIMIT 1""", cancellationToken));
        }

        return loads;
    }

    /// <summary>The times when versions of a service's rules came into force, the latest first.</summary>
    public async Task<IReadOnlyList<RuleLoad>> RuleLoadsAsync(string service, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadRuleLoadsAsync($"""WHERE "Service" = {service} ORDER BY "At" DESC LIMIT {MaxRows}""", cancellationToken);
    }

    /// <summary>The files of a version of rules.</summary>
    public async Task<IReadOnlyList<StoredRuleFile>> RuleFilesAsync(string service, string version, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadRuleFilesAsync($"""WHERE "Service" = {service} AND "Version" = {version} ORDER BY "Path" """, cancellationToken);
    }

    /// <summary>The operations of users, the latest first.</summary>
    /// <param name="before">The id of the last entry of the previous page; null for the first page.</param>
    /// <param name="limit">The largest number of entries.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(long? before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var where = Sql.Where(Sql.Compare("Id", "<", before));
        return await connection.ReadAuditAsync($"""{where} ORDER BY "Id" DESC LIMIT {limit}""", cancellationToken);
    }

    private static Sql HasDetail(string detail)
    {
        var pattern = $"%{detail.ToLowerInvariant().Replace("\\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
        return $"""lower("Detail") LIKE {pattern} ESCAPE '\'""";
    }

    private static Sql IsAfter(DateTimeOffset at, string id)
    {
        var updatedAt = Sql.Column("UpdatedAt");
        return $"""{updatedAt} <= {at} AND ({updatedAt} < {at} OR "Id" > {id})""";
    }

    private static IEnumerable<Sql?> Conditions(EventSearch search) =>
    [
        Sql.Compare("Type", "=", search.Type),
        Sql.Compare("Workspace", "=", search.Workspace),
        Sql.Compare("Model", "=", search.Model),
        Sql.Compare("Seq", "<", search.Before),
        Sql.Compare("Time", ">=", search.From),
        Sql.Compare("Time", "<", search.To),
        search.SubjectPrefix is { } prefix ? Sql.StartsWith("Subject", prefix) : Sql.Compare("Subject", "=", search.Subject),
    ];

    // A search returns the latest events. A database that expects many hits scans all events, the latest first. If there are few hits, this scan takes a second for a million events.
    // PostgreSQL expects many hits for a term about which it has no statistics. The index is therefore read first, without an order.
    private static async Task<Sql?> FindByIndexAsync(HistoryConnection connection, EventSearch search, CancellationToken cancellationToken)
    {
        var terms = search.Terms is { Count: > 0 } all ? connection.HasTerms(all) : null;
        var condition = terms ?? (search.SubjectPrefix is { Length: > 0 } prefix ? connection.HasSubjectPrefix(prefix) : null);
        if (condition is null)
        {
            return null;
        }

        var seqs = await connection.QueryAsync($"""SELECT "Seq" FROM "Events" WHERE {condition} LIMIT {MaxByIndex + 1}""", row => row.GetInt64(0), cancellationToken);
        return seqs.Count > MaxByIndex ? terms : connection.AnyOf("Seq", seqs);
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
