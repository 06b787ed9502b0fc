namespace MLEvents.Rules;

/// <summary>The format of a chat message that a binding sends.</summary>
public enum ChatFormat
{
    /// <summary>An Adaptive Card, as Workflows of Microsoft Teams takes it.</summary>
    Teams,

    /// <summary>Block Kit of Slack, as its incoming webhooks take it.</summary>
    Slack,
}
