using System.Net;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Ingress.Tests;

public sealed class WebhookTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Registered = """
        {"id":"e-1","topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w","subject":"models/churn:20",
         "eventType":"Microsoft.MachineLearningServices.ModelRegistered","eventTime":"2017-06-26T18:41:00.9584103Z",
         "data":{"ModelName":"churn","ModelVersion":20,"Big":12345678901234567890,"Exact":1.0,"ModelTags":{"a.b":"<\u00e9>"}},"dataVersion":"2","metadataVersion":"1"}
        """;

    private IngressFixture? _fixture;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IngressFixture Fixture => _fixture ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _fixture = await IngressFixture.StartAsync(Token);

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();

    [Theory]
    [InlineData("array")]
    [InlineData("object")]
    public async Task An_event_grid_event_is_published_as_a_cloudevent_with_unchanged_data(string form)
    {
        using var response = await Fixture.PostAsync(form == "array" ? $"[{Registered}]" : Registered, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (topic, envelope) = Fixture.Next(Token);
        Assert.Equal("model-registered", topic);
        Assert.True(WorkflowEvent.TryRead(envelope, out var read, out var error), error);
        Assert.Equal(("e-1", "models/churn:20", "Microsoft.MachineLearningServices.ModelRegistered"), (read.Id, read.Subject, read.Type));
        Assert.Equal("/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w", read.Source);
        Assert.Equal(DateTimeOffset.Parse("2017-06-26T18:41:00.9584103Z", null), read.Time);
        Assert.Equal("1.0", envelope.GetProperty("specversion").GetString());
        Assert.Equal("2", envelope.GetProperty("dataversion").GetString());
        Json.AssertSame(Json.Parse(Registered).GetProperty("data"), read.Data);
    }

    [Fact]
    public async Task A_structured_cloudevent_keeps_its_attributes()
    {
        using var response = await Fixture.PostAsync(
            """{"specversion":"1.0","id":"c-1","source":"/ws","type":"Microsoft.MachineLearningServices.RunCompleted","subject":"experiments/1/runs/2","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","data":{"runId":"2"},"comexample":"kept","mleventsforce":"a sender's","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""",
            Token, "application/cloudevents+json; charset=utf-8");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (topic, envelope) = Fixture.Next(Token);
        Assert.Equal("run-completed", topic);
        Assert.Equal("c-1", envelope.GetProperty("id").GetString());
        Assert.Equal("kept", envelope.GetProperty("comexample").GetString());
        Assert.False(envelope.TryGetProperty(ForcedReplay.Attribute, out _));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", envelope.GetProperty("traceparent").GetString());
        Json.AssertSame(Json.Parse("""{"runId":"2"}"""), envelope.GetProperty("data"));
    }

    [Fact]
    public async Task A_binary_cloudevent_is_read_from_its_headers_and_body()
    {
        using var response = await Fixture.PostAsync(
            """{"n":1.0}""", Token, "application/json",
            ("ce-specversion", "1.0"), ("ce-id", "b-1"), ("ce-source", "/ws"), ("ce-type", "Microsoft.MachineLearningServices.ModelDeployed"), ("ce-subject", "endpoints/%C3%A9"), ("Ce-ComExample", "x"), ("ce-mleventsforce", "a sender's"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (topic, envelope) = Fixture.Next(Token);
        Assert.Equal("model-deployed", topic);
        Assert.Equal(("b-1", "endpoints/é", "x"), (envelope.GetProperty("id").GetString(), envelope.GetProperty("subject").GetString(), envelope.GetProperty("comexample").GetString()));
        Assert.False(envelope.TryGetProperty(ForcedReplay.Attribute, out _));
        Assert.Equal("""{"n":1.0}""", envelope.GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("text/plain", "data", "hello")]
    [InlineData("application/octet-stream", "data_base64", "aGVsbG8=")]
    public async Task A_binary_cloudevent_may_contain_data_that_is_not_JSON(string contentType, string member, string expected)
    {
        using var response = await Fixture.PostAsync("hello", Token, contentType, ("ce-specversion", "1.0"), ("ce-id", "b-2"), ("ce-source", "/ws"), ("ce-type", "other"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, Fixture.Next(Token).Envelope.GetProperty(member).GetString());
    }

    [Fact]
    public async Task A_batch_may_mix_schemas_and_types()
    {
        using var response = await Fixture.PostAsync(
            $$"""[{{Registered}},{"specversion":"1.0","id":"c-2","source":"/s","type":"Microsoft.MachineLearningServices.RunStatusChanged","data":{} },{"specversion":"1.0","id":"c-3","source":"/s","type":"something.else"}]""",
            Token, "application/cloudevents-batch+json");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var topics = Enumerable.Range(0, 3).Select(_ => Fixture.Next(Token)).ToDictionary(message => message.Envelope.GetProperty("id").GetString() ?? "", message => message.Topic);
        Assert.Equal(("model-registered", "run-status-changed", "other-events"), (topics["e-1"], topics["c-2"], topics["c-3"]));
    }

    [Fact]
    public async Task An_empty_batch_is_accepted()
    {
        using var response = await Fixture.PostAsync("[]", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"topic":"/t","eventType":"x","subject":"s"}""", "'id' is missing")]
    [InlineData("""{"id":"1","topic":"/t","subject":"s"}""", "'eventType' is missing")]
    [InlineData("""{"id":"1","eventType":"x"}""", "'topic' is missing")]
    [InlineData("""{"id":1,"topic":"/t","eventType":"x"}""", "'id' is a JSON Number")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"x"}""", "'source' is missing")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"x"}""", "the supported version is 1.0")]
    [InlineData("""{"hello":"world"}""", "neither 'eventType'")]
    [InlineData("17", "a JSON Number, not an object")]
    [InlineData("""{"id":"1","topic":"/t","eventType":"x","data":{"text":"\ud800"}}""", "not valid Unicode")]
    [InlineData("""{"id":"\uDC00","topic":"/t","eventType":"x"}""", "not valid Unicode")]
    [InlineData("""{"id":"1","topic":"/t","eventType":"x","subject":"models/x\r\nBcc: all@example.com"}""", "'subject' holds a control character")]
    public async Task One_unreadable_event_is_quarantined_and_the_others_are_published(string bad, string reason)
    {
        using var response = await Fixture.PostAsync($"[{Registered},{bad}]", Token, headers: ("aeg-subscription-name", "SUB"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var messages = new[] { Fixture.Next(Token), Fixture.Next(Token) }.ToDictionary(message => message.Topic, message => message.Envelope);
        Assert.Equal("e-1", messages["model-registered"].GetProperty("id").GetString());
        var quarantined = messages["quarantine"].GetProperty("data");
        Assert.Contains("event 1 of the request", quarantined.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(reason, quarantined.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(bad, System.Text.Encoding.UTF8.GetString(quarantined.GetProperty("raw").GetBytesFromBase64()));
        Assert.Equal("SUB", quarantined.GetProperty("headers").GetProperty("aeg-subscription-name").GetString());
        Assert.DoesNotContain(IngressFixture.Key, quarantined.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{not json", "could not be read as JSON")]
    [InlineData("", "could not be read as JSON")]
    [InlineData("\"text\"", "a JSON String")]
    public async Task A_body_that_is_not_a_batch_is_answered_with_400_and_a_copy_is_quarantined(string body, string expected)
    {
        using var response = await Fixture.PostAsync(body, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = Json.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        if (body.Length > 0)
        {
            Assert.Equal(body, System.Text.Encoding.UTF8.GetString(Fixture.Next(Token).Envelope.GetProperty("data").GetProperty("raw").GetBytesFromBase64()));
        }
    }

    [Fact]
    public async Task Nesting_up_to_the_limit_is_accepted_and_deeper_nesting_is_quarantined()
    {
        using var deep = await Fixture.PostAsync(Nested(400), Token);
        var delivered = Fixture.Next(Token);
        using var tooDeep = await Fixture.PostAsync(Nested(5000), Token);

        Assert.Equal(HttpStatusCode.OK, deep.StatusCode);
        Assert.Equal("other-events", delivered.Topic);
        Assert.Equal(HttpStatusCode.BadRequest, tooDeep.StatusCode);
        Assert.Equal("quarantine", Fixture.Next(Token).Topic);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_answered_with_413_with_or_without_a_length_and_the_quarantine_records_it()
    {
        var body = $"[{Registered.Replace("churn", new string('x', 2 * 1024 * 1024), StringComparison.Ordinal)}]";

        using var withLength = await Fixture.PostAsync(body, Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=" + IngressFixture.Key) { Content = new StringContent(body), Headers = { TransferEncodingChunked = true } };
        using var withoutLength = await Fixture.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, withLength.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, withoutLength.StatusCode);
        Assert.Contains("1572864 bytes", await withLength.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body)));
        foreach (var (topic, envelope) in new[] { Fixture.Next(Token), Fixture.Next(Token) })
        {
            Assert.Equal("quarantine", topic);
            Assert.Contains(hash, envelope.GetProperty("data").GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_surrogate_pair_is_published_unchanged()
    {
        using var response = await Fixture.PostAsync("""[{"id":"1","topic":"/t","eventType":"x","data":"\ud83d\ude00"}]""", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("\U0001F600", Fixture.Next(Token).Envelope.GetProperty("data").GetString());
    }

    [Fact]
    public async Task Events_with_the_same_id_are_all_published_because_the_ledger_deduplicates_them()
    {
        using var response = await Fixture.PostAsync($"[{Registered},{Registered}]", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("e-1", "e-1"), (Fixture.Next(Token).Envelope.GetProperty("id").GetString(), Fixture.Next(Token).Envelope.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("models/x, Bcc: all@example.com")]
    [InlineData("{{ 'now' | date: '%Y' }}")]
    public async Task An_unusual_subject_is_published_unchanged(string subject)
    {
        using var response = await Fixture.PostAsync($"[{Registered.Replace("models/churn:20", subject, StringComparison.Ordinal)}]", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Json.Parse($"\"{subject}\"").GetString(), Fixture.Next(Token).Envelope.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Every_official_sample_is_published_with_unchanged_data()
    {
        Assert.SkipWhen(MLEvents.Tests.Common.Repository.Reference is null, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so the official samples are not sent.");

        foreach (var folder in new[] { "eventgrid", "cloudevents", "captured" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(MLEvents.Tests.Common.Repository.Reference ?? "", "events", folder), "*.json"))
            {
                var sample = await File.ReadAllTextAsync(file, Token);
                using var response = await Fixture.PostAsync(sample, Token, folder == "cloudevents" ? "application/cloudevents+json; charset=utf-8" : "application/json; charset=utf-8");

                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{file}: {response.StatusCode}");
                var root = Json.Parse(sample);
                var sent = root.ValueKind == JsonValueKind.Array ? root[0] : root;
                var (topic, envelope) = Fixture.Next(Token);
                output.WriteLine($"{folder}/{Path.GetFileName(file)} was published on {topic}");
                Assert.NotEqual("quarantine", topic);
                Json.AssertSame(sent.GetProperty("data"), envelope.GetProperty("data"));
            }
        }
    }

    private static string Nested(int depth) =>
        $$"""[{"id":"n-1","topic":"/t","eventType":"nested","data":{{string.Concat(Enumerable.Repeat("[", depth))}}{{string.Concat(Enumerable.Repeat("]", depth))}}}]""";
}
