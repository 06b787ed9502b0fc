using System.Net;
using System.Text.Json.Nodes;

using MLEvents.EndToEnd.Running;

namespace MLEvents.EndToEnd;

[Collection(EnvironmentGroup.Name)]
public sealed class BadInputTests(RunningEnvironment environment)
{
    private const string Json = "application/json; charset=utf-8";
    private const string Problem = "application/problem+json";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("[{\"id\": ")]
    [InlineData("\"no event\"")]
    [InlineData("")]
    public async Task A_body_that_is_not_a_batch_is_answered_with_400_and_problem_details(string body)
    {
        var answer = await environment.Ingress.PostAsync(body, Json, Token);

        AssertProblem(answer, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_body_of_2_MiB_is_answered_with_413_and_the_limit()
    {
        var answer = await environment.Ingress.PostAsync($"[\"{new string('x', 2 * 1024 * 1024)}\"]", Json, Token);

        AssertProblem(answer, HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("1572864 bytes", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a-wrong-key-of-some-length")]
    public async Task Without_a_valid_key_the_answer_is_401_and_nothing_happens(string? key)
    {
        var failed = Events.RunFailed();

        var answer = await environment.Ingress.PostAsync(new JsonArray(failed.DeepClone()).ToJsonString(), Json, Token, key);
        await environment.MarkAsync(Token);

        AssertProblem(answer, HttpStatusCode.Unauthorized);
        Assert.DoesNotContain(IngressClient.Key, answer.Body, StringComparison.Ordinal);
        Assert.Empty(await environment.Simulator.MailsAsync(failed.Id(), Token));
    }

    [Fact]
    public async Task An_event_of_an_unknown_type_is_accepted_and_starts_nothing()
    {
        var unknown = Events.Create("SomethingNew", "experiments/1/runs/1", new() { ["runStatus"] = "Failed", ["driftCoefficient"] = 1 });

        var answer = await environment.Ingress.DeliverAsync(Token, unknown);
        await environment.MarkAsync(Token);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Empty(await environment.Simulator.MailsAsync(unknown.Id(), Token));
        Assert.Empty(await environment.Simulator.JobsAsync(unknown.Id(), Token));
    }

    [Fact]
    public async Task Unreadable_events_of_a_batch_do_not_prevent_the_actions_of_the_others()
    {
        var good = Events.RunFailed();
        var nameless = Events.RunFailed();
        nameless.Remove("id");

        var answer = await environment.Ingress.DeliverAsync(Token, JsonValue.Create(42), nameless, good, new JsonObject());
        await environment.Simulator.MailAsync(good.Id(), Token);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    // The ingress quarantines an event whose subject contains line breaks. The line breaks of this event are therefore in the data.
    [Fact]
    public async Task A_hostile_value_adds_no_header_and_is_not_evaluated()
    {
        const string Template = "{{ data.experimentId }}{% if true %}evaluated{% endif %}";
        var hostile = Events.RunFailed($"x\r\nBcc: victim@example.com\r\nX-Evil: 1\r\n\r\n{Template}");

        await environment.Ingress.DeliverAsync(Token, hostile);
        var mail = await environment.Simulator.MailAsync(hostile.Id(), Token);

        Assert.Equal(["ml-team@example.com"], mail.To);
        Assert.DoesNotContain(mail.Headers.Keys, name => name is "Bcc" or "X-Evil");
        Assert.Contains(Template, mail.Subject, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mail.Subject ?? "");
        Assert.Contains(Template, mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1evaluated", mail.Text, StringComparison.Ordinal);
    }

    private static void AssertProblem(WebhookAnswer answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal(Problem, answer.ContentType);
        Assert.Equal((int)status, (int?)JsonNode.Parse(answer.Body)?["status"]);
        Assert.NotEmpty((string?)JsonNode.Parse(answer.Body)?["detail"] ?? "");
    }
}
