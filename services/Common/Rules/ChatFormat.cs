namespace MLEvents.Rules;

/// <summary>The format of a chat message that a binding sends.</summary>
public enum ChatFormat
{
    /// <summary>An Adaptive Card for Workflows of Microsoft Teams.</summary>
    Teams,

    /// <summary>Block Kit for incoming webhooks of Slack.</summary>
    Slack,
}
