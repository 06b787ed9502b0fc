using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Creates the history entries of questions and decisions.</summary>
internal static class ApprovalEntries
{
    /// <summary>Creates the entry of a question.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="time">The time when the question was asked.</param>
    public static QuestionEntry From(ApprovalRequested asked, DateTimeOffset time) => new(new StoredQuestion
    {
        Id = StoredQuestion.KeyOf(asked.ActionId, asked.Generation),
        ActionId = asked.ActionId,
        Generation = asked.Generation,
        Service = asked.Service,
        Rule = asked.Rule,
        CorrelationId = asked.CorrelationId,
        EventKey = EventKey.From(asked.Event.Source, asked.Event.Id),
        EventType = asked.Event.Type,
        EventSubject = asked.Event.Subject,
        AskedPeople = string.Join(", ", asked.From),
        Before = asked.Before,
        Evidence = JsonSerializer.Serialize(asked.Evidence, DashboardJson.Default.IReadOnlyDictionaryStringString),
        Links = JsonSerializer.Serialize(asked.Links, DashboardJson.Default.IReadOnlyDictionaryStringUri),
        AskedAt = time,
        ExpiresAt = asked.ExpiresAt,
        OnTimeout = asked.OnTimeout,
        Required = asked.Required,
    });

    /// <summary>Creates the entry of a decision.</summary>
    /// <param name="id">The id of the activity event.</param>
    /// <param name="decided">The decision.</param>
    public static DecisionEntry From(string id, ApprovalDecided decided) => new(new StoredDecision
    {
        Id = id,
        QuestionId = StoredQuestion.KeyOf(decided.ActionId, decided.Generation),
        Decision = decided.Decision,
        DecidedBy = decided.By,
        Comment = decided.Comment,
        At = decided.At,
        IsFinal = decided.IsFinal,
    });
}
