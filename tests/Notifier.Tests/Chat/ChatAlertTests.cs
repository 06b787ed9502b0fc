using System.Net;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.Chat;

/// <summary>Chat messages through a webhook, from the published event to the HTTP call.</summary>
public sealed class ChatAlertTests : IAsyncDisposable
{
    private readonly NotifierFixture _fixture = new("""
        alerts:
          - name: teams
            when: { subjectBeginsWith: teams/ }
            send: { channel: hook, format: teams, subject: "Run {{ data.runId }}", text: "{{ data.note }}" }
          - name: slack
            when: { subjectBeginsWith: slack/ }
            send: { channel: hook, format: slack }
          - name: ask
            when: { includedEventTypes: [ActionChanged], advancedFilters: [{ operatorType: StringIn, key: data.stage, values: [awaiting-approval] }] }
            send:
              channel: hook
              format: teams
              subject: "Approval needed: {{ action.rule }}"
              text: "{{ action.detail }}. https://mlevents.contoso.com/approvals/{{ action.id }}/{{ action.generation }}"
          - name: few-own
            when: { subjectBeginsWith: few-own/ }
            send: { channel: hook, operation: post, body: '{"n":"{{ data.n }}"}', throttle: { max: 1, per: 7d } }
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Teams_gets_a_card_and_Slack_gets_blocks_with_the_same_facts()
    {
        await _fixture.StartAsync(Token);
        var (one, other) = (SampleEvents.Create("RunCompleted", """{"runId":"r1","note":"done"}""", "teams/1"), SampleEvents.Create("RunCompleted", """{"runId":"r2"}""", "slack/<!here>"));

        await _fixture.Fixture.PublishAsync(one, Token);
        await _fixture.Fixture.PublishAsync(other, Token);
        var (teams, slack) = (await _fixture.Fixture.EndOfAsync("teams", one, Token), await _fixture.Fixture.EndOfAsync("slack", other, Token));
        var card = (await _fixture.Hooks.FirstAsync(call => call.Body.Contains("AdaptiveCard", StringComparison.Ordinal), Token)).Body;
        var blocks = (await _fixture.Hooks.FirstAsync(call => call.Body.Contains("\"blocks\"", StringComparison.Ordinal), Token)).Body;

        Assert.Equal(("succeeded", "sent to binding hook"), (teams.Status, teams.Detail));
        Assert.Equal("succeeded", slack.Status);
        Assert.All(["Run r1", "done", "RunCompleted", "teams/1", "ml-local", one.Id, "/runs/r1"], fact => Assert.Contains(fact, card, StringComparison.Ordinal));
        Assert.All(["RunCompleted in ml-local: slack/&lt;!here&gt;", "*Chain*", other.Id, "/runs/r2"], fact => Assert.Contains(fact, blocks, StringComparison.Ordinal));
        Assert.DoesNotContain("<!here>", blocks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_that_waits_for_an_approval_is_reported_once_with_the_address_of_its_approval_page()
    {
        await _fixture.StartAsync(Token);
        var (queued, asked, again) = (Waiting("queued", "1"), Waiting("awaiting-approval", "2"), Waiting("awaiting-approval", "3"));

        await _fixture.Fixture.PublishAsync(queued, Token);
        await _fixture.Fixture.PublishAsync(asked, Token);
        var end = await _fixture.Fixture.EndOfAsync("ask", asked, Token);
        await _fixture.Fixture.PublishAsync(again, Token);
        var last = SampleEvents.Create("RunCompleted", """{"runId":"r1","note":"done"}""", "teams/1");
        await _fixture.Fixture.PublishAsync(last, Token);
        await _fixture.Fixture.EndOfAsync("teams", last, Token);

        Assert.Equal("succeeded", end.Status);
        var card = Assert.Single(_fixture.Hooks.All, call => call.Body.Contains("Approval needed", StringComparison.Ordinal)).Body;
        Assert.All(["Approval needed: churn-approved", "waits for approval before traffic", "https://mlevents.contoso.com/approvals/d0c1/2"], fact => Assert.Contains(fact, card, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_whose_text_cannot_be_rendered_is_sent_with_the_reason()
    {
        await _fixture.StartAsync(Token);
        var caused = SampleEvents.Create("RunCompleted", """{"runId":"r1"}""", "teams/1");

        await _fixture.Fixture.PublishAsync(caused, Token);
        var end = await _fixture.Fixture.EndOfAsync("teams", caused, Token);

        Assert.StartsWith("sent to binding hook; text: 'data.note' has no value", end.Detail, StringComparison.Ordinal);
        Assert.Contains("text: 'data.note' has no value", Assert.Single(_fixture.Hooks.All).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_not_called_before_its_Retry_After_time_and_other_alerts_wait_without_using_an_attempt()
    {
        (_fixture.HookAnswer, _fixture.HookExtras) = (_ => HttpStatusCode.TooManyRequests, ("3", "rate limited"));
        await _fixture.StartAsync(Token);
        var events = Enumerable.Range(0, 4).Select(number => SampleEvents.Create("RunCompleted", """{"runId":"r1","note":"n"}""", $"teams/{number}")).ToList();

        await _fixture.Fixture.PublishAsync(events[0], Token);
        var first = await _fixture.Fixture.Activity.FirstAsync(action => action.Attempt == 2, Token);
        (_fixture.HookAnswer, _fixture.HookExtras) = (_ => HttpStatusCode.OK, default);
        var asked = TimeProvider.System.GetTimestamp();
        foreach (var happened in events[1..])
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
        }

        var ends = await _fixture.Fixture.Activity.AtLeastAsync(4, action => action.Status == "succeeded", Token);

        Assert.Equal("the target of binding hook answered 429: rate limited", first.Detail);
        Assert.True(TimeProvider.System.GetElapsedTime(asked) > TimeSpan.FromSeconds(1.5), "The webhook was called before the end of its Retry-After time.");
        Assert.Equal([1, 1, 1, 2], ends.Select(end => end.Attempt).Order());
        Assert.Equal(5, _fixture.Hooks.All.Count);
    }

    [Theory]
    [InlineData(400, "failed", "the target of binding hook answered 400: invalid_blocks")]
    [InlineData(403, "waiting", "waits because the credential of the Dapr component 'hook' is refused: the target of binding hook answered 403: invalid_blocks")]
    public async Task The_answer_of_the_webhook_is_the_detail_of_the_action(int answer, string status, string detail)
    {
        (_fixture.HookAnswer, _fixture.HookExtras) = (_ => (HttpStatusCode)answer, (null, "invalid_blocks"));
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);
        var caused = SampleEvents.Create("RunCompleted", "{}", "slack/1");

        await _fixture.Fixture.PublishAsync(caused, Token);
        var action = await _fixture.Fixture.Activity.FirstAsync(action => action.Status == status, Token);

        Assert.Equal((detail, 1), (action.Detail, action.Attempt));
    }

    [Fact]
    public async Task A_generic_binding_drops_the_alerts_beyond_its_limit_and_the_detail_of_the_action_names_the_reason()
    {
        await _fixture.StartAsync(Token);
        var events = Enumerable.Range(0, 3).Select(number => SampleEvents.Create("RunCompleted", """{"n":1}""", $"few-own/{number}")).ToList();

        foreach (var happened in events)
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
        }

        var ends = await _fixture.Fixture.Activity.AtLeastAsync(3, action => action.Rule == "few-own" && action.Status is "succeeded" or "skipped", Token);

        Assert.Equal(["skipped", "skipped", "succeeded"], ends.Select(end => end.Status).Order());
        Assert.All(ends.Where(end => end.Status == "skipped"), end => Assert.EndsWith("only mails and chat messages have a digest", end.Detail, StringComparison.Ordinal));
        Assert.Single(_fixture.Hooks.All);
    }

    private static WorkflowEvent Waiting(string stage, string detail) => SampleEvents.Create(EventTypes.ActionChanged, $$"""
        { "service": "deployer", "rule": "churn-approved", "actionId": "d0c1", "status": "waiting", "stage": "{{stage}}", "attempt": 1, "generation": 2,
          "correlationId": "c", "detail": "waits for approval before traffic ({{detail}})", "links": {}, "path": "x",
          "event": { "id": "e1", "type": "Microsoft.MachineLearningServices.ModelRegistered", "subject": "models/churn:2", "source": "{{SampleEvents.Workspace}}" } }
        """);
}
