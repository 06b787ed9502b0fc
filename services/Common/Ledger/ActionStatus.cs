using System.Text.Json.Serialization;

namespace MLEvents.Ledger;

/// <summary>Where an action stands. The last three are ends: nothing moves an action on from there.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ActionStatus>))]
public enum ActionStatus
{
    /// <summary>Claimed, not begun.</summary>
    Accepted,

    /// <summary>Begun: its first step was taken or tried.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Ended without success; the record holds the error.</summary>
    Failed,

    /// <summary>Not done on purpose, with the reason in the record.</summary>
    Skipped,
}
