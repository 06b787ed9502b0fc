namespace MLEvents.Dashboard.History;

/// <summary>
/// The statements that add entries to the history. For entries of messages, repetitions and the order of the statements do not change the result.
/// Queries select the same columns (<see cref="StoredRows"/>).
/// </summary>
internal static class HistoryInserts
{
    private const string IsLater =
        """(excluded."Generation", excluded."Attempt", excluded."Rank", excluded."UpdatedAt") > ("Actions"."Generation", "Actions"."Attempt", "Actions"."Rank", "Actions"."UpdatedAt")""";

    private static readonly string[] StateColumns =
        ["Rule", "RuleVersion", "Status", "Stage", "Attempt", "Generation", "CorrelationId", "Detail", "Links", "UpdatedAt", "Rank"];

    /// <summary>The columns of an event.</summary>
    public static IReadOnlyList<(string Name, Func<EventEntry, object?> Value)> EventColumns { get; } =
    [
        ("Key", row => row.Event.Key), ("Id", row => row.Event.Id), ("Source", row => row.Event.Source), ("Type", row => row.Event.Type),
        ("Subject", row => row.Event.Subject), ("Workspace", row => row.Event.Workspace), ("Model", row => row.Event.Model),
        ("ModelVersion", row => row.Event.ModelVersion), ("Time", row => row.Event.Time), ("ReceivedAt", row => row.Event.ReceivedAt),
        ("CorrelationId", row => row.Event.CorrelationId), ("Envelope", row => row.Event.Envelope),
    ];

    /// <summary>Inserts actions, or replaces an earlier state with a later one.</summary>
    public static InsertCommand<StoredAction> Actions { get; } = new(
        "Actions",
        $"""
         ON CONFLICT ("Id") DO UPDATE SET
         "StartedAt" = CASE WHEN excluded."StartedAt" < "Actions"."StartedAt" THEN excluded."StartedAt" ELSE "Actions"."StartedAt" END,
         {string.Join(", ", StateColumns.Select(column => $"\"{column}\" = CASE WHEN {IsLater} THEN excluded.\"{column}\" ELSE \"Actions\".\"{column}\" END"))}
         """,
        ("Id", row => row.Id), ("Service", row => row.Service), ("Rule", row => row.Rule), ("RuleVersion", row => row.RuleVersion),
        ("Status", row => row.Status), ("Stage", row => row.Stage), ("Attempt", row => row.Attempt), ("Generation", row => row.Generation),
        ("CorrelationId", row => row.CorrelationId), ("EventKey", row => row.EventKey), ("EventId", row => row.EventId), ("EventType", row => row.EventType),
        ("EventSubject", row => row.EventSubject), ("Detail", row => row.Detail), ("Links", row => row.Links), ("StartedAt", row => row.StartedAt),
        ("UpdatedAt", row => row.UpdatedAt), ("Rank", row => row.Rank));

    /// <summary>Inserts changes of actions.</summary>
    public static InsertCommand<StoredChange> Changes { get; } = new(
        "Changes", """ON CONFLICT ("Id") DO NOTHING""",
        ("Id", row => row.Id), ("ActionId", row => row.ActionId), ("Service", row => row.Service), ("Rule", row => row.Rule), ("Status", row => row.Status),
        ("Stage", row => row.Stage), ("Attempt", row => row.Attempt), ("Generation", row => row.Generation), ("CorrelationId", row => row.CorrelationId),
        ("Detail", row => row.Detail), ("Time", row => row.Time));

    /// <summary>Inserts questions. If a service asks a question again after a crash, the question has the same id and is not inserted again.</summary>
    public static InsertCommand<StoredQuestion> Questions { get; } = new(
        "Questions", """ON CONFLICT ("Id") DO NOTHING""",
        ("Id", row => row.Id), ("ActionId", row => row.ActionId), ("Generation", row => row.Generation), ("Service", row => row.Service), ("Rule", row => row.Rule),
        ("CorrelationId", row => row.CorrelationId), ("EventKey", row => row.EventKey), ("EventType", row => row.EventType), ("EventSubject", row => row.EventSubject),
        ("AskedPeople", row => row.AskedPeople), ("Before", row => row.Before), ("Evidence", row => row.Evidence), ("Links", row => row.Links), ("AskedAt", row => row.AskedAt),
        ("ExpiresAt", row => row.ExpiresAt), ("OnTimeout", row => row.OnTimeout), ("Required", row => row.Required));

    /// <summary>Inserts decisions.</summary>
    public static InsertCommand<StoredDecision> Decisions { get; } = new(
        "Decisions", """ON CONFLICT ("Id") DO NOTHING""",
        ("Id", row => row.Id), ("QuestionId", row => row.QuestionId), ("Decision", row => row.Decision), ("DecidedBy", row => row.DecidedBy), ("Comment", row => row.Comment),
        ("At", row => row.At), ("IsFinal", row => row.IsFinal));

    /// <summary>Inserts the times when versions of rules came into force.</summary>
    public static InsertCommand<RuleLoad> RuleLoads { get; } = new(
        "RuleLoads", """ON CONFLICT ("Id") DO NOTHING""",
        ("Id", row => row.Id), ("Service", row => row.Service), ("Version", row => row.Version), ("At", row => row.At));

    /// <summary>Inserts the files of versions of rules.</summary>
    public static InsertCommand<StoredRuleFile> RuleFiles { get; } = new(
        "RuleFiles", """ON CONFLICT ("Service", "Version", "Path") DO NOTHING""",
        ("Service", row => row.Service), ("Version", row => row.Version), ("Path", row => row.Path), ("Content", row => row.Content));

    /// <summary>Inserts entries of the audit, and returns their ids.</summary>
    public static InsertCommand<AuditEntry> Audit { get; } = new(
        "Audit", """RETURNING "Id" """,
        ("At", row => row.At), ("Actor", row => row.Actor), ("Operation", row => row.Operation), ("Target", row => row.Target), ("Result", row => row.Result));

    /// <summary>Inserts bulk runs.</summary>
    public static InsertCommand<BulkRun> BulkRuns { get; } = new(
        "BulkRuns", "",
        ("Id", row => row.Id), ("At", row => row.At), ("Actor", row => row.Actor), ("Operation", row => row.Operation), ("Filter", row => row.Filter), ("Reason", row => row.Reason),
        ("AuditId", row => row.AuditId));

    /// <summary>Inserts the actions of bulk runs.</summary>
    public static InsertCommand<BulkItem> BulkItems { get; } = new(
        "BulkItems", "",
        ("RunId", row => row.RunId), ("ActionId", row => row.ActionId), ("Service", row => row.Service), ("Generation", row => row.Generation), ("Result", row => row.Result),
        ("IsAccepted", row => row.IsAccepted));
}
