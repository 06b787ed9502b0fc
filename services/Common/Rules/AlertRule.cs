namespace MLEvents.Rules;

/// <summary>A rule of <c>alerts.yaml</c>: notify people or another system about an event.</summary>
public sealed record AlertRule : Rule
{
    /// <summary>The message and its destination.</summary>
    public required AlertMessage Send { get; init; }

    /// <summary>The settings of a stateful alert; null if each event is a separate alert.</summary>
    public AlertState? State { get; init; }
}
