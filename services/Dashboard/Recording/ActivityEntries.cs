using System.Collections.ObjectModel;
using System.Text.Json;

using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Creates the history entries of changes of actions.</summary>
internal static class ActivityEntries
{
    /// <summary>Creates the entry of a change.</summary>
    /// <param name="id">The id of the activity event.</param>
    /// <param name="changed">The change.</param>
    /// <param name="time">The time of the change.</param>
    public static ActionEntry From(string id, ActionChanged changed, DateTimeOffset time) => new(
        new StoredChange
        {
            Id = id,
            ActionId = changed.ActionId,
            Service = changed.Service,
            Rule = changed.Rule,
            Status = changed.Status,
            Stage = changed.Stage,
            Attempt = changed.Attempt,
            Generation = changed.Generation,
            CorrelationId = changed.CorrelationId,
            Detail = changed.Detail,
            Time = time,
        },
        new StoredAction
        {
            Id = changed.ActionId,
            Service = changed.Service,
            Rule = changed.Rule,
            RuleVersion = changed.RuleVersion,
            Status = changed.Status,
            Stage = changed.Stage,
            Attempt = changed.Attempt,
            Generation = changed.Generation,
            CorrelationId = changed.CorrelationId,
            EventKey = EventKey.From(changed.Event.Source, changed.Event.Id),
            EventId = changed.Event.Id,
            EventType = changed.Event.Type,
            EventSubject = changed.Event.Subject,
            Detail = changed.Detail,
            Links = JsonSerializer.Serialize(changed.Links ?? ReadOnlyDictionary<string, Uri>.Empty, DashboardJson.Default.IReadOnlyDictionaryStringUri),
            StartedAt = time,
            UpdatedAt = time,
            Rank = RankOf(changed.Status),
        });

    private static int RankOf(string status) => status switch
    {
        "accepted" => 0,
        "succeeded" or "failed" or "skipped" => StoredAction.EndedRank,
        _ => 1,
    };
}
