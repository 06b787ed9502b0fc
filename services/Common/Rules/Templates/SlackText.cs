namespace MLEvents.Rules.Templates;

/// <summary>Escapes text for Slack, which reads <c>&lt;!channel&gt;</c> and the like as commands.</summary>
/// <seealso href="https://docs.slack.dev/messaging/formatting-message-text#escaping"/>
public static class SlackText
{
    /// <summary>The text with the three characters escaped that control Slack's markup.</summary>
    public static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
