namespace MLEvents.Rules;

/// <summary>A rule of <c>alerts.yaml</c>: tell people, or another system, about an event.</summary>
public sealed record AlertRule : Rule
{
    /// <summary>What is sent, and where to.</summary>
    public required AlertMessage Send { get; init; }

    /// <summary>What makes the alerts of the rule stateful; null if each event is an alert of its own.</summary>
    public AlertState? State { get; init; }
}
