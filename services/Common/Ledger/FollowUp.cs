using System.Text.Json;

namespace MLEvents.Ledger;

/// <summary>An action that several actions create together, such as a digest.</summary>
/// <param name="Name">Identifies the follow-up within its rule. Actions that request the same name share one follow-up.</param>
/// <param name="Plan">The plan, in the JSON form of the service.</param>
/// <param name="DueAt">When the follow-up is executed.</param>
/// <param name="Detail">A text for people: the event or time that the follow-up waits for.</param>
public sealed record FollowUp(string Name, JsonElement Plan, DateTimeOffset DueAt, string Detail)
{
    /// <summary>The id of the follow-up's action.</summary>
    /// <param name="cause">An action of the same service and rule.</param>
    public string IdFor(ActionRecord cause) => ActionRecord.IdOfFollowUp(cause.Service, cause.Rule, Name);

    internal ActionRecord ToRecord(ActionRecord cause, DateTimeOffset now) => new()
    {
        Id = IdFor(cause),
        Service = cause.Service,
        Rule = cause.Rule,
        RuleVersion = cause.RuleVersion,
        CorrelationId = cause.CorrelationId,
        Event = cause.Event,
        EventReference = cause.EventReference,
        Plan = Plan,
        PlanVersion = cause.PlanVersion,
        Path = cause.Path,
        Detail = Detail,
        DueAt = DueAt,
        CreatedAt = now,
    };
}
