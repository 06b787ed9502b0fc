using System.Text;
using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Chat;

/// <summary>Writes an Adaptive Card for the Teams webhook trigger of Workflows. The Office 365 connector cards are retired.</summary>
/// <remarks>All texts of the card's body are text runs, which Teams shows as plain text. In other elements, Teams reads Markdown, so an event could insert a link there.</remarks>
/// <seealso href="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using"/>
internal static class TeamsCard
{
    /// <summary>The largest body that Teams accepts, in bytes of UTF-8.</summary>
    public const int MaxBytes = 28 * 1024;

    private const int MaxFact = 500;
    private const int MaxLinks = 6;

    /// <summary>The body of a message. Its text is cut if the body is too large.</summary>
    public static string Write(ChatMessage message)
    {
        // The JSON around each line needs bytes too, so a binary search finds the longest text that fits.
        var (fits, tooLong) = (0, Math.Min(message.Text.Length, MaxBytes) + 1);
        while (tooLong - fits > 1)
        {
            var middle = tooLong - 1 == message.Text.Length ? message.Text.Length : (fits + tooLong) / 2;
            (fits, tooLong) = Encoding.UTF8.GetByteCount(Write(message, middle)) <= MaxBytes ? (middle, tooLong) : (fits, middle);
        }

        return Write(message, fits);
    }

    private static string Write(ChatMessage message, int maxLength) => ChatPayload.Write(Create(message with { Text = Truncation.Truncate(message.Text, maxLength) }));

    private static JsonObject Create(ChatMessage message) => new()
    {
        ["type"] = "message",
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["contentType"] = "application/vnd.microsoft.card.adaptive",
            ["content"] = new JsonObject
            {
                ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                ["type"] = "AdaptiveCard",
                ["version"] = "1.4",
                ["msteams"] = new JsonObject { ["width"] = "Full" },
                ["fallbackText"] = message.Title,
                ["body"] = Body(message),
                ["actions"] = new JsonArray([.. message.Links.Take(MaxLinks).Select(link => new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = link.Key, ["url"] = link.Value.AbsoluteUri })]),
            },
        }),
    };

    private static JsonArray Body(ChatMessage message)
    {
        var body = new JsonArray(Block(Run(message.Title, isTitle: true)));
        foreach (var line in message.Text.ReplaceLineEndings("\n").Split('\n').Where(line => line.Length > 0))
        {
            body.Add((JsonNode)Block(Run(line)));
        }

        foreach (var (name, value) in message.Facts)
        {
            body.Add((JsonNode)Block(Run($"{name}: ", isBold: true), Run(Truncation.Truncate(value, MaxFact))));
        }

        return body;
    }

    private static JsonObject Block(params JsonNode[] runs) => new() { ["type"] = "RichTextBlock", ["spacing"] = "Small", ["inlines"] = new JsonArray(runs) };

    private static JsonObject Run(string text, bool isBold = false, bool isTitle = false)
    {
        var run = new JsonObject { ["type"] = "TextRun", ["text"] = text };
        if (isBold || isTitle)
        {
            run["weight"] = "Bolder";
        }

        if (isTitle)
        {
            run["size"] = "Large";
        }

        return run;
    }
}
