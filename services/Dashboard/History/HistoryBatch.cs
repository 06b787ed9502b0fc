namespace MLEvents.Dashboard.History;

/// <summary>The entries that one transaction writes. Duplicates are merged, because PostgreSQL refuses a statement that changes a row twice.</summary>
internal sealed class HistoryBatch
{
    private readonly Dictionary<string, EventEntry> _events = [];
    private readonly Dictionary<string, StoredAction> _actions = [];
    private readonly Dictionary<string, StoredChange> _changes = [];
    private readonly Dictionary<string, StoredQuestion> _questions = [];
    private readonly Dictionary<string, StoredDecision> _decisions = [];
    private readonly Dictionary<string, RuleLoad> _loads = [];
    private readonly Dictionary<(string Service, string Version, string Path), StoredRuleFile> _files = [];

    /// <summary>Creates a batch of entries.</summary>
    public static HistoryBatch From(IEnumerable<HistoryEntry> entries)
    {
        var batch = new HistoryBatch();
        foreach (var entry in entries)
        {
            batch.Add(entry);
        }

        return batch;
    }

    /// <summary>
    /// Writes all entries in the current transaction. Events are written in the order of arrival, because lists show them in this order.
    /// All other rows are sorted by key, so that all replicas lock rows in the same order.
    /// </summary>
    public async Task InsertAsync(HistoryConnection connection, CancellationToken cancellationToken)
    {
        await connection.InsertEventsAsync([.. _events.Values], cancellationToken);
        await HistoryInserts.Changes.ExecuteAsync(connection, Sorted(_changes), read: null, cancellationToken);
        await HistoryInserts.Actions.ExecuteAsync(connection, Sorted(_actions), read: null, cancellationToken);
        await HistoryInserts.Questions.ExecuteAsync(connection, Sorted(_questions), read: null, cancellationToken);
        await HistoryInserts.Decisions.ExecuteAsync(connection, Sorted(_decisions), read: null, cancellationToken);
        await HistoryInserts.RuleLoads.ExecuteAsync(connection, Sorted(_loads), read: null, cancellationToken);
        await HistoryInserts.RuleFiles.ExecuteAsync(connection, [.. _files.OrderBy(file => file.Key).Select(file => file.Value)], read: null, cancellationToken);
    }

    private void Add(HistoryEntry entry)
    {
        switch (entry)
        {
            case EventEntry stored:
                _events.TryAdd(stored.Event.Key, stored);
                break;
            case ActionEntry change:
                _changes.TryAdd(change.Change.Id, change.Change);
                _actions[change.Action.Id] = _actions.TryGetValue(change.Action.Id, out var other) ? Merge(other, change.Action) : change.Action;
                break;
            case QuestionEntry asked:
                _questions.TryAdd(asked.Question.Id, asked.Question);
                break;
            case DecisionEntry decided:
                _decisions.TryAdd(decided.Decision.Id, decided.Decision);
                break;
            case RulesEntry rules:
                _loads.TryAdd(rules.Load.Id, rules.Load);
                rules.Files.ToList().ForEach(file => _files.TryAdd((file.Service, file.Version, file.Path), file));
                break;
            default:
                throw new ArgumentException($"Unknown type of history entry: {entry.GetType().Name}.", nameof(entry));
        }
    }

    private static StoredAction Merge(StoredAction one, StoredAction other) =>
        (other.IsLaterThan(one) ? other : one) with { StartedAt = one.StartedAt < other.StartedAt ? one.StartedAt : other.StartedAt };

    private static List<T> Sorted<T>(Dictionary<string, T> rows) => [.. rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => row.Value)];
}
