using System.Data;
using System.Data.Common;

namespace MLEvents.Dashboard.History;

/// <summary>Reads the stored rows of each table. The clauses are the part of the query after FROM.</summary>
internal static class StoredRows
{
    private static readonly Sql EventColumns = Sql.Text($"\"Seq\", {string.Join(", ", HistoryInserts.EventColumns.Select(column => $"\"{column.Name}\""))}");

    public static Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {EventColumns} FROM "Events" {clauses}""", Event, cancellationToken);

    public static Task<IReadOnlyList<StoredAction>> ReadActionsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.Actions.Columns} FROM "Actions" {clauses}""", Action, cancellationToken);

    public static Task<IReadOnlyList<StoredChange>> ReadChangesAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.Changes.Columns} FROM "Changes" {clauses}""", Change, cancellationToken);

    public static Task<IReadOnlyList<StoredQuestion>> ReadQuestionsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.Questions.Columns} FROM "Questions" {clauses}""", Question, cancellationToken);

    public static Task<IReadOnlyList<StoredDecision>> ReadDecisionsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.Decisions.Columns} FROM "Decisions" {clauses}""", Decision, cancellationToken);

    public static Task<IReadOnlyList<RuleLoad>> ReadRuleLoadsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.RuleLoads.Columns} FROM "RuleLoads" {clauses}""", RuleLoad, cancellationToken);

    public static Task<IReadOnlyList<StoredRuleFile>> ReadRuleFilesAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.RuleFiles.Columns} FROM "RuleFiles" {clauses}""", RuleFile, cancellationToken);

    public static Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT "Id", {HistoryInserts.Audit.Columns} FROM "Audit" {clauses}""", Audit, cancellationToken);

    public static Task<IReadOnlyList<BulkRun>> ReadBulkRunsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.BulkRuns.Columns} FROM "BulkRuns" {clauses}""", BulkRun, cancellationToken);

    public static Task<IReadOnlyList<BulkItem>> ReadBulkItemsAsync(this HistoryConnection connection, Sql clauses, CancellationToken cancellationToken) =>
        connection.QueryAsync($"""SELECT {HistoryInserts.BulkItems.Columns} FROM "BulkItems" {clauses}""", BulkItem, cancellationToken);

    private static StoredEvent Event(DbDataReader row) => new()
    {
        Seq = row.GetInt64("Seq"),
        Key = row.GetString("Key"),
        Id = row.GetString("Id"),
        Source = row.GetString("Source"),
        Type = row.GetString("Type"),
        Subject = row.GetString("Subject"),
        Workspace = row.GetString("Workspace"),
        Model = row.GetString("Model"),
        ModelVersion = row.GetString("ModelVersion"),
        Time = row.GetTime("Time"),
        ReceivedAt = row.GetTime("ReceivedAt"),
        CorrelationId = row.GetString("CorrelationId"),
        Envelope = row.GetString("Envelope"),
    };

    private static StoredAction Action(DbDataReader row) => new()
    {
        Id = row.GetString("Id"),
        Service = row.GetString("Service"),
        Rule = row.GetString("Rule"),
        RuleVersion = row.GetString("RuleVersion"),
        Status = row.GetString("Status"),
        Stage = row.GetString("Stage"),
        Attempt = row.GetInt32("Attempt"),
        Generation = row.GetInt32("Generation"),
        CorrelationId = row.GetString("CorrelationId"),
        EventKey = row.GetString("EventKey"),
        EventId = row.GetString("EventId"),
        EventType = row.GetString("EventType"),
        EventSubject = row.GetString("EventSubject"),
        Detail = row.GetOptionalString("Detail"),
        Links = row.GetString("Links"),
        StartedAt = row.GetTime("StartedAt"),
        UpdatedAt = row.GetTime("UpdatedAt"),
        Rank = row.GetInt32("Rank"),
    };

    private static StoredChange Change(DbDataReader row) => new()
    {
        Id = row.GetString("Id"),
        ActionId = row.GetString("ActionId"),
        Service = row.GetString("Service"),
        Rule = row.GetString("Rule"),
        Status = row.GetString("Status"),
        Stage = row.GetString("Stage"),
        Attempt = row.GetInt32("Attempt"),
        Generation = row.GetInt32("Generation"),
        CorrelationId = row.GetString("CorrelationId"),
        Detail = row.GetOptionalString("Detail"),
        Time = row.GetTime("Time"),
    };

    private static StoredQuestion Question(DbDataReader row) => new()
    {
        Id = row.GetString("Id"),
        ActionId = row.GetString("ActionId"),
        Generation = row.GetInt32("Generation"),
        Service = row.GetString("Service"),
        Rule = row.GetString("Rule"),
        CorrelationId = row.GetString("CorrelationId"),
        EventKey = row.GetString("EventKey"),
        EventType = row.GetString("EventType"),
        EventSubject = row.GetString("EventSubject"),
        AskedPeople = row.GetString("AskedPeople"),
        Before = row.GetString("Before"),
        Evidence = row.GetString("Evidence"),
        Links = row.GetString("Links"),
        AskedAt = row.GetTime("AskedAt"),
        ExpiresAt = row.GetTime("ExpiresAt"),
        OnTimeout = row.GetString("OnTimeout"),
        Required = row.GetInt32("Required"),
    };

    private static StoredDecision Decision(DbDataReader row) => new()
    {
        Id = row.GetString("Id"),
        QuestionId = row.GetString("QuestionId"),
        Decision = row.GetString("Decision"),
        DecidedBy = row.GetString("DecidedBy"),
        Comment = row.GetOptionalString("Comment"),
        At = row.GetTime("At"),
        IsFinal = row.GetBoolean("IsFinal"),
    };

    private static RuleLoad RuleLoad(DbDataReader row) => new()
    {
        Id = row.GetString("Id"),
        Service = row.GetString("Service"),
        Version = row.GetString("Version"),
        At = row.GetTime("At"),
    };

    private static StoredRuleFile RuleFile(DbDataReader row) => new()
    {
        Service = row.GetString("Service"),
        Version = row.GetString("Version"),
        Path = row.GetString("Path"),
        Content = row.GetString("Content"),
    };

    private static AuditEntry Audit(DbDataReader row) => new()
    {
        Id = row.GetInt64("Id"),
        At = row.GetTime("At"),
        Actor = row.GetString("Actor"),
        Operation = row.GetString("Operation"),
        Target = row.GetString("Target"),
        Result = row.GetString("Result"),
    };

    private static BulkRun BulkRun(DbDataReader row) => new()
    {
        Id = row.GetString("Id"),
        At = row.GetTime("At"),
        Actor = row.GetString("Actor"),
        Operation = row.GetString("Operation"),
        Filter = row.GetString("Filter"),
        Reason = row.GetOptionalString("Reason"),
        AuditId = row.IsDBNull("AuditId") ? null : row.GetInt64("AuditId"),
    };

    private static BulkItem BulkItem(DbDataReader row) => new()
    {
        RunId = row.GetString("RunId"),
        ActionId = row.GetString("ActionId"),
        Service = row.GetString("Service"),
        Generation = row.IsDBNull("Generation") ? null : row.GetInt32("Generation"),
        Result = row.GetOptionalString("Result"),
        IsAccepted = row.GetBoolean("IsAccepted"),
    };

    private static DateTimeOffset GetTime(this DbDataReader row, string column) => new(row.GetInt64(column), TimeSpan.Zero);

    private static string? GetOptionalString(this DbDataReader row, string column) => row.IsDBNull(column) ? null : row.GetString(column);
}
