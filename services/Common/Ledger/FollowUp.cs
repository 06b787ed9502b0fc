using System.Text.Json;

namespace MLEvents.Ledger;

/// <summary>An action that actions of events bring about together, such as a digest of many.</summary>
/// <param name="Name">What tells it from the rule's others: the same name is the same action.</param>
/// <param name="Plan">What is to be done.</param>
/// <param name="DueAt">When.</param>
/// <param name="Detail">What it waits for, for people.</param>
public sealed record FollowUp(string Name, JsonElement Plan, DateTimeOffset DueAt, string Detail)
{
    /// <summary>Its action's id.</summary>
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
        Plan = Plan,
        Detail = Detail,
        DueAt = DueAt,
        CreatedAt = now,
    };
}
