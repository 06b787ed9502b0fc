using System.Text;
using System.Text.Json;

namespace MLEvents.Cli.Tests;

/// <summary><c>mlevents dead-letters</c> and <c>mlevents quarantine</c>.</summary>
public sealed class StoredMessagesCommandTests
{
    private const string One = """{"id":"a1","state":"open","reason":"gave\nup","topic":"run-completed","event":{"id":"e-1","type":"Microsoft.MachineLearningServices.RunCompleted","subject":"","source":"/ws"},"lastReceivedAt":"2026-11-01T12:00:00+00:00"}""";
    private const string Two = """{"id":"b2","state":"replayed","reason":"","topic":null,"event":null,"lastReceivedAt":"2026-11-01T11:00:00+00:00"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dead-letters")]
    [InlineData("quarantine")]
    public async Task List_reads_all_pages_and_prints_a_line_for_each_message(string kind)
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers($"GET /{kind}?limit=50", $$"""{"items":[{{One}}],"continuation":"0.1"}""")
            .Answers($"GET /{kind}?limit=49&continuation=0.1", $$"""{"items":[{{Two}}],"continuation":null}""");

        var (code, output, error) = await CliRun.StartAsync(kind, "list", "--url", service.Url, "--token", "secret");

        Assert.Equal((0, ""), (code, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("ID", lines[0], StringComparison.Ordinal);
        Assert.Matches("^a1 +open +2026-11-01 12:00:00 +run-completed +RunCompleted +e-1 +gave up$", lines[1].TrimEnd());
        Assert.Matches("^b2 +replayed +2026-11-01 11:00:00$", lines[2].TrimEnd());
        Assert.All(service.Authorizations, authorization => Assert.Equal("Bearer secret", authorization));
    }

    [Fact]
    public async Task List_stops_at_its_limit_and_requests_only_messages_in_the_given_state()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine?state=open&limit=1", $$"""{"items":[{{One}}],"continuation":"0.1"}""");

        var (code, output, _) = await CliRun.StartAsync("quarantine", "list", "--state", "open", "--limit", "1", "--json", "--url", service.Url);

        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("a1", Assert.Single(json.RootElement.EnumerateArray()).GetProperty("id").GetString());
        Assert.Single(service.Asked);
    }

    [Fact]
    public async Task An_empty_list_is_printed_as_no_entries()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine?limit=50", """{"items":[],"continuation":null}""");

        Assert.Equal((0, "no entries"), ((await CliRun.StartAsync("quarantine", "list", "--url", service.Url)) is var (code, output, _) ? (code, output.Trim()) : default));
    }

    [Theory]
    [InlineData("plain\u001b[31m", "plain\uFFFD[31m")]
    [InlineData("{\"a\":\n1}", "{\"a\":\n1}")]
    public async Task Show_prints_the_bytes_as_text_without_control_characters(string raw, string printed)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(raw));
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine/a1", $$"""{"id":"a1","reason":"no JSON","topic":null,"headers":{"ce-id":"1"},"raw":"{{encoded}}"}""");

        var (code, output, _) = await CliRun.StartAsync("quarantine", "show", "a1", "--url", service.Url);

        Assert.Equal(0, code);
        Assert.Contains("reason: no JSON", output, StringComparison.Ordinal);
        Assert.Contains("\"ce-id\": \"1\"", output, StringComparison.Ordinal);
        Assert.Contains("raw:\n" + printed, output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("topic", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_shown_in_base64()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine/a1", """{"id":"a1","raw":"/w=="}""");

        Assert.Contains("base64) /w==", (await CliRun.StartAsync("quarantine", "show", "a1", "--url", service.Url)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"no base64!\"", "raw: no base64!")]
    [InlineData("5", "raw: 5")]
    public async Task Bytes_that_are_not_in_base64_are_shown_as_they_are(string raw, string printed)
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine/a1", $$"""{"id":"a1","raw":{{raw}}}""");

        var (code, output, error) = await CliRun.StartAsync("quarantine", "show", "a1", "--url", service.Url);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains(printed, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_replays_each_message_and_fails_if_one_is_refused()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("POST /dead-letters/a1/replay", """{"title":"The message cannot be replayed.","detail":"The message has no topic."}""", 422)
            .Answers("POST /dead-letters/b2/replay", """{"id":"b2","published":1}""");

        var (code, output, error) = await CliRun.StartAsync("dead-letters", "replay", "a1", "b2", "--url", service.Url);

        Assert.Equal((1, "b2: 1 published again"), (code, output.Trim()));
        Assert.EndsWith("answered 422: The message cannot be replayed. The message has no topic.", error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_option_force_is_sent_with_a_replay()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("POST /quarantine/a1/replay?force=true", """{"id":"a1","published":1}""");

        var (code, output, _) = await CliRun.StartAsync("quarantine", "replay", "a1", "--force", "--url", service.Url);

        Assert.Equal((0, "a1: 1 published again"), (code, output.Trim()));
    }

    [Fact]
    public async Task Replay_all_replays_the_open_messages()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("GET /dead-letters?state=open&limit=200", $$"""{"items":[{{One}}],"continuation":null}""")
            .Answers("POST /dead-letters/a1/replay", """{"id":"a1","published":1}""");

        var (code, output, _) = await CliRun.StartAsync("dead-letters", "replay", "--all", "--url", service.Url);

        Assert.Equal((0, "a1: 1 published again"), (code, output.Trim()));
    }

    [Theory]
    [InlineData(401, 1)]
    [InlineData(403, 1)]
    [InlineData(404, 1)]
    [InlineData(503, 3)]
    public async Task A_refusal_is_one_line_with_the_reason_of_the_service(int status, int expected)
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine?limit=50", """{"title":"The token is wrong."}""", status);

        var (code, output, error) = await CliRun.StartAsync("quarantine", "list", "--url", service.Url);

        Assert.Equal((expected, ""), (code, output));
        Assert.EndsWith($"answered {status}: The token is wrong.", Assert.Single(error.Trim().Split('\n')).Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_not_JSON_is_reported()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /quarantine?limit=50", "<html>");

        var (code, _, error) = await CliRun.StartAsync("quarantine", "list", "--url", service.Url);

        Assert.Equal(3, code);
        Assert.Contains("without JSON. Check that the address belongs to a service.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("replay", "a1", "--all")]
    [InlineData("list", "--state", "broken")]
    [InlineData("list", "--limit", "0")]
    [InlineData("list", "--url", "localhost:5100")]
    [InlineData("show")]
    public async Task An_invalid_command_line_leads_to_exit_code_2(params string[] args)
    {
        var (code, output, error) = await CliRun.StartAsync(["dead-letters", .. args]);

        Assert.Equal((2, ""), (code, output));
        Assert.NotEmpty(error);
    }
}
