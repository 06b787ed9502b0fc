using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ledger.Operators;

/// <summary>An action in the form that operators read.</summary>
internal sealed record ActionView
{
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Rule { get; init; }

    public required string RuleVersion { get; init; }

    /// <summary>accepted, running, waiting, succeeded, failed or skipped; <c>unknown</c> if a newer version of the service wrote the record.</summary>
    public required string Status { get; init; }

    public required string Stage { get; init; }

    public required int Attempt { get; init; }

    public required int Generation { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary>The event that caused the action; null if the event cannot be read.</summary>
    public EventReference? Event { get; init; }

    public string? Detail { get; init; }

    /// <summary>An operator's last intervention: name, client address, reason and time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Intervention? Intervention { get; init; }

    public required IReadOnlyDictionary<string, Uri> Links { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether the action only reports what it would do.</summary>
    public bool DryRun { get; init; }

    /// <summary>Values that completed steps stored for later steps. Only the response for a single action contains this and the following members.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? State { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Plan { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Envelope { get; init; }

    public static ActionView Summarize(ActionRecord record) => new()
    {
        Id = record.Id,
        Service = record.Service,
        Rule = record.Rule,
        RuleVersion = record.RuleVersion,
        Status = record.IsNewer ? "unknown" : record.StatusName,
        Stage = record.Stage,
        Attempt = record.Attempt,
        Generation = record.Generation,
        CorrelationId = record.CorrelationId,
        Event = record.EventReference ?? (WorkflowEvent.TryRead(record.Event, out var read, out _) ? EventReference.To(read) : null),
        Detail = record.Unknown is { } unknown ? $"The action has a {unknown}, which this replica does not know." : record.Detail,
        Intervention = record.Intervention,
        Links = record.Links,
        CreatedAt = record.CreatedAt,
        UpdatedAt = record.UpdatedAt,
        DueAt = record.DueAt,
        DryRun = record.IsDryRun,
    };

    public static ActionView Describe(ActionRecord record) => Summarize(record) with
    {
        State = record.State,
        Plan = record.HasPlan ? record.Plan : null,
        Envelope = record.Event.ValueKind == JsonValueKind.Undefined ? null : record.Event,
    };
}

/// <summary>A page of actions.</summary>
internal sealed record ActionPage(IReadOnlyList<ActionView> Items, string? Continuation);
