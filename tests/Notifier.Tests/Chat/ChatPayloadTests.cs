using System.Text;
using System.Text.Json;

using MLEvents.Notifier.Chat;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Tests.Chat;

/// <summary>Tests the bodies of chat messages, and compares their sizes with the limits that Teams and Slack document.</summary>
public sealed class ChatPayloadTests
{
    private static readonly Uri Page = new("https://ml.azure.com/runs/r1?wsid=/a&b=c|d");
    private static readonly ChatMessage Message = new(
        "churn <!channel> drifted", "First *line* & more\n[click](https://evil.example)",
        new Dictionary<string, string> { ["Workspace"] = "ml <@U1>", ["Chain"] = "c1" }, new Dictionary<string, Uri> { ["Open in the studio"] = Page });

    [Fact]
    public void A_card_for_Teams_has_the_facts_and_links_and_no_Markdown()
    {
        var root = Read(ChatFormat.Teams, Message);
        var attachment = Assert.Single(root.GetProperty("attachments").EnumerateArray());
        var card = attachment.GetProperty("content");
        var blocks = card.GetProperty("body").EnumerateArray().ToList();

        Assert.Equal(("message", "application/vnd.microsoft.card.adaptive"), (root.GetProperty("type").GetString(), attachment.GetProperty("contentType").GetString()));
        Assert.Equal(("AdaptiveCard", "1.4"), (card.GetProperty("type").GetString(), card.GetProperty("version").GetString()));
        Assert.All(blocks, block => Assert.Equal("RichTextBlock", block.GetProperty("type").GetString()));
        Assert.Equal(["churn <!channel> drifted", "First *line* & more", "[click](https://evil.example)", "Workspace: ml <@U1>", "Chain: c1"], blocks.Select(TextOf));
        Assert.Equal(("Action.OpenUrl", Page.AbsoluteUri), (card.GetProperty("actions")[0].GetProperty("type").GetString(), card.GetProperty("actions")[0].GetProperty("url").GetString()));
    }

    [Fact]
    public void Blocks_for_Slack_have_the_facts_and_links_and_escape_channel_mentions()
    {
        var root = Read(ChatFormat.Slack, Message);
        var blocks = root.GetProperty("blocks").EnumerateArray().ToList();

        Assert.Equal("churn &lt;!channel&gt; drifted", root.GetProperty("text").GetString());
        Assert.Equal(["header", "section", "section", "section"], blocks.Select(block => block.GetProperty("type").GetString()));
        Assert.Equal("First *line* &amp; more\n[click](https://evil.example)", blocks[1].GetProperty("text").GetProperty("text").GetString());
        Assert.True(blocks[1].GetProperty("text").GetProperty("verbatim").GetBoolean());
        Assert.Equal(["*Workspace*\nml &lt;@U1&gt;", "*Chain*\nc1"], blocks[2].GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("text").GetString()));
        Assert.Equal("<https://ml.azure.com/runs/r1?wsid=/a&amp;b=c%7Cd|Open in the studio>", blocks[3].GetProperty("text").GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\U0001F600")]
    [InlineData("\"")]
    [InlineData("&")]
    [InlineData("line\n")]
    public void A_card_for_Teams_is_not_larger_than_Teams_accepts(string unit)
    {
        var body = ChatPayload.Write(ChatFormat.Teams, Message with { Text = string.Concat(Enumerable.Repeat(unit, 60_000)), Facts = new Dictionary<string, string> { ["Detail"] = new string('d', 8000) } });

        Assert.InRange(Encoding.UTF8.GetByteCount(body), 20_000, 28 * 1024);
        Assert.Contains("Open in the studio", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\U0001F600")]
    [InlineData("&")]
    public void Blocks_for_Slack_are_within_the_limits_of_each_element(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 100_000));
        var facts = Enumerable.Range(0, 15).ToDictionary(number => $"fact{number}{text[..(50 * unit.Length)]}", _ => text);
        var root = Read(ChatFormat.Slack, new ChatMessage(text, text, facts, Enumerable.Range(0, 40).ToDictionary(number => $"link{number}", _ => Page)));
        var blocks = root.GetProperty("blocks").EnumerateArray().ToList();
        var sections = blocks.Where(block => block.TryGetProperty("text", out _) && block.GetProperty("type").GetString() == "section").Select(block => block.GetProperty("text").GetProperty("text").GetString() ?? "").ToList();
        var fields = Assert.Single(blocks, block => block.TryGetProperty("fields", out _)).GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("text").GetString() ?? "").ToList();

        Assert.InRange(blocks.Count, 1, 50);
        Assert.InRange(blocks[0].GetProperty("text").GetProperty("text").GetString()?.Length ?? 0, 1, 150);
        Assert.All(sections, section => Assert.InRange(section.Length, 1, 3000));
        Assert.Equal(10, fields.Count);
        Assert.All(fields, field => Assert.InRange(field.Length, 1, 2000));
        Assert.All([.. sections, .. fields], part => Assert.False(char.IsHighSurrogate(part[^1])));
    }

    [Fact]
    public void A_link_that_does_not_fit_into_the_limit_of_Slack_is_left_out_as_a_whole()
    {
        var address = new Uri($"https://ml.azure.com/?{string.Concat(Enumerable.Repeat("a=1&", 300))}");
        var root = Read(ChatFormat.Slack, Message with { Links = new Dictionary<string, Uri> { ["first"] = address, ["second"] = address, ["third"] = Page } });
        var links = root.GetProperty("blocks").EnumerateArray().Last().GetProperty("text").GetProperty("text").GetString() ?? "";

        Assert.Equal(["first>", "third>"], links.Split("  ").Select(link => link.Split('|')[^1]));
        Assert.InRange(links.Length, 1, 3000);
    }

    [Fact]
    public void Elements_without_content_are_left_out_because_Slack_refuses_them()
    {
        var root = Read(ChatFormat.Slack, new ChatMessage("t", " \n", new Dictionary<string, string>(), new Dictionary<string, Uri>()));

        Assert.Equal(["header"], root.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("type").GetString()));
    }

    private static string TextOf(JsonElement block) => string.Concat(block.GetProperty("inlines").EnumerateArray().Select(run => run.GetProperty("text").GetString()));

    private static JsonElement Read(ChatFormat format, ChatMessage message) => JsonDocument.Parse(ChatPayload.Write(format, message)).RootElement;
}
