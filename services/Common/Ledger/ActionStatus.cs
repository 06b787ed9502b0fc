using System.Text.Json.Serialization;

namespace MLEvents.Ledger;

/// <summary>The status of an action. The last three are final: only a retry by an operator or a forced replay restarts the action.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ActionStatus>))]
public enum ActionStatus
{
    /// <summary>The action is claimed, but not started.</summary>
    Accepted,

    /// <summary>The action has begun: it takes steps, or waits for a limit, an approval, a credential or the next attempt.</summary>
    Running,

    /// <summary>The action succeeded.</summary>
    Succeeded,

    /// <summary>The action ended without success; the record holds the error.</summary>
    Failed,

    /// <summary>The action was skipped on purpose; the record holds the reason.</summary>
    Skipped,
}
