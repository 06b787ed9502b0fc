using System.Text;
using System.Text.Json.Nodes;

using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Notifier.Chat;

/// <summary>Writes messages in Slack's Block Kit, for incoming webhooks and <c>chat.postMessage</c>. Texts are escaped, so that an event cannot mention a channel.</summary>
/// <seealso href="https://docs.slack.dev/reference/block-kit/blocks"/>
internal static class SlackBlocks
{
    // The first four limits are Slack's: the characters of a header, of a section's text and of a field, and the number of fields in a section. The other three are the notifier's own.
    private const int MaxHeader = 150;
    private const int MaxSection = 3000;
    private const int MaxField = 2000;
    private const int MaxFields = 10;
    private const int MaxFieldName = 500;
    private const int MaxSections = 20;
    private const int MaxLinks = 10;

    /// <summary>The body of a message. Its text is cut after 20 sections.</summary>
    public static JsonObject Create(ChatMessage message)
    {
        var blocks = new JsonArray(new JsonObject { ["type"] = "header", ["text"] = Plain(Parts(message.Title, MaxHeader).FirstOrDefault("(no title)")) });
        foreach (var part in Parts(message.Text).Take(MaxSections))
        {
            blocks.Add((JsonNode)Section(Marked(part)));
        }

        if (message.Facts.Count > 0)
        {
            blocks.Add((JsonNode)new JsonObject { ["type"] = "section", ["fields"] = new JsonArray([.. message.Facts.Take(MaxFields).Select(fact => Marked(Field(fact.Key, fact.Value)))]) });
        }

        if (Links(message.Links) is { Length: > 0 } links)
        {
            blocks.Add((JsonNode)Section(Marked(links)));
        }

        // Slack shows this text in notifications.
        return new JsonObject { ["text"] = SlackText.Escape(message.Title), ["blocks"] = blocks };
    }

    /// <summary>The arguments of <c>chat.postMessage</c>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="conversation">The id of the conversation.</param>
    /// <param name="thread">The id of the first message of the thread; null for a message that is not a reply.</param>
    /// <seealso href="https://docs.slack.dev/reference/methods/chat.postMessage"/>
    public static JsonObject Create(ChatMessage message, string conversation, string? thread)
    {
        var body = Create(message);
        body["channel"] = conversation;
        if (thread is not null)
        {
            body["thread_ts"] = thread;
        }

        return body;
    }

    private static string Field(string name, string value)
    {
        var head = $"*{Parts(name, MaxFieldName).FirstOrDefault("")}*\n";
        return head + Parts(value, MaxField - head.Length).FirstOrDefault("");
    }

    // Slack shows the markup of a link that is not complete, so a link that exceeds the limit is left out.
    private static string Links(IReadOnlyDictionary<string, Uri> links)
    {
        var text = new StringBuilder();
        foreach (var (name, address) in links.Take(MaxLinks))
        {
            var written = $"{(text.Length == 0 ? "" : "  ")}<{SlackText.Escape(address.AbsoluteUri)}|{SlackText.Escape(name)}>";
            text.Append(text.Length + written.Length <= MaxSection ? written : "");
        }

        return text.ToString();
    }

    // Each part is escaped and within the limit. An escape sequence is never split.
    private static IEnumerable<string> Parts(string text, int maxLength = MaxSection)
    {
        var part = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var written = SlackText.Escape(rune.ToString());
            if (part.Length + written.Length > maxLength)
            {
                yield return part.ToString();
                part.Clear();
            }

            part.Append(written);
        }

        if (!string.IsNullOrWhiteSpace(part.ToString()))
        {
            yield return part.ToString();
        }
    }

    private static JsonObject Section(JsonObject text) => new() { ["type"] = "section", ["text"] = text };

    private static JsonObject Plain(string text) => new() { ["type"] = "plain_text", ["text"] = text };

    // Verbatim: Slack does not turn text into links or mentions.
    private static JsonObject Marked(string text) => new() { ["type"] = "mrkdwn", ["text"] = text, ["verbatim"] = true };
}
