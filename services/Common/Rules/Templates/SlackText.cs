namespace MLEvents.Rules.Templates;

/// <summary>Escapes text for Slack, which interprets <c>&lt;!channel&gt;</c> and similar text as commands.</summary>
/// <seealso href="https://docs.slack.dev/messaging/formatting-message-text#escaping"/>
public static class SlackText
{
    /// <summary>The text, with the three control characters of Slack's markup escaped.</summary>
    public static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
