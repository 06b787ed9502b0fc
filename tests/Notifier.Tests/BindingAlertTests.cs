using System.Net;
using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

public sealed class BindingAlertTests : IAsyncDisposable
{
    private const string Alerts = """
        alerts:
          - name: text
            when: { subjectEndsWith: /text }
            send: { channel: hook, metadata: { path: "/{{ data.runId }}" }, body: '{"text":"{{ data.note }}"}' }
          - name: forward
            when: { subjectEndsWith: /forward }
            send: { channel: hook, operation: put, forward: true }
          - name: unknown
            when: { subjectEndsWith: /unknown }
            send: { channel: nowhere, forward: true }
          - name: operation
            when: { subjectEndsWith: /operation }
            send: { channel: hook, operation: dance, forward: true }
          - name: gone
            when: { subjectEndsWith: /gone }
            send: { channel: gone, forward: true }
          - name: broken
            when: { subjectEndsWith: /text }
            send: { channel: hook, body: '{"text":"{{ data.missing }}"}' }
          - name: no-json
            when: { subjectEndsWith: /text }
            send: { channel: hook, body: '{"number":{{ data.note }}}' }
        """;

    private readonly NotifierFixture _fixture = new(Alerts);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task The_action_of_a_rule_that_cannot_be_rendered_fails_and_the_other_rules_are_executed()
    {
        await StartAsync();
        var happened = SampleEvents.Create("RunStatusChanged", """{"runId":"r1","note":"say \"hi\"\n{{ id }}"}""", "runs/text");

        await _fixture.Fixture.PublishAsync(happened, Token);
        var (sent, broken, noJson) = (await EndAsync("text", happened), await EndAsync("broken", happened), await EndAsync("no-json", happened));
        var hook = await _fixture.Hooks.FirstAsync(_ => true, Token);

        Assert.Equal(("succeeded", "sent to binding hook"), (sent.Status, sent.Detail));
        Assert.Equal(("/r1", "POST"), (hook.Path, hook.Method));
        Assert.Equal("say \"hi\"\n{{ id }}", JsonDocument.Parse(hook.Body).RootElement.GetProperty("text").GetString());
        Assert.Equal(("failed", "failed"), (broken.Status, noJson.Status));
        Assert.Contains("data.missing", broken.Detail, StringComparison.Ordinal);
        Assert.StartsWith("body: the template does not render to JSON", noJson.Detail, StringComparison.Ordinal);
        Assert.Single(_fixture.Hooks.All);
    }

    [Fact]
    public async Task A_forwarded_event_keeps_every_value_as_it_was_written()
    {
        await StartAsync();
        const string Data = """{"big":12345678901234567890,"exact":1.0,"long":0.1000000000000000055511151231257827,"nothing":null,"text":"ü ✓ \u0001","deep":[[{}]]}""";
        var happened = SampleEvents.Create("Custom.Thing", Data, "things/forward");

        await _fixture.Fixture.PublishAsync(happened, Token);
        await EndAsync("forward", happened);
        var hook = await _fixture.Hooks.FirstAsync(_ => true, Token);
        var envelope = JsonDocument.Parse(hook.Body).RootElement;

        Assert.Equal("PUT", hook.Method);
        Assert.Equal(happened.Id, envelope.GetProperty("id").GetString());
        Assert.True(JsonElement.DeepEquals(happened.Data, envelope.GetProperty("data")));
        Assert.Equal("12345678901234567890", envelope.GetProperty("data").GetProperty("big").GetRawText());
        Assert.Equal("1.0", envelope.GetProperty("data").GetProperty("exact").GetRawText());
    }

    [Theory]
    [InlineData("unknown", "couldn't find output binding nowhere")]
    [InlineData("operation", "does not support operation dance")]
    public async Task A_binding_or_an_operation_that_does_not_exist_fails_without_a_retry(string rule, string reason)
    {
        await StartAsync();
        var happened = SampleEvents.Create("ModelRegistered", subject: $"models/{rule}");

        await _fixture.Fixture.PublishAsync(happened, Token);
        var end = await EndAsync(rule, happened);

        Assert.Equal(("failed", 1), (end.Status, end.Attempt));
        Assert.Contains(reason, end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_refuses_the_payload_fails_the_action_without_a_retry()
    {
        _fixture.HookAnswer = _ => HttpStatusCode.NotFound;
        await StartAsync();
        var happened = SampleEvents.Create("ModelDeployed", subject: "endpoints/forward");

        await _fixture.Fixture.PublishAsync(happened, Token);
        var end = await EndAsync("forward", happened);

        Assert.Equal(("failed", 1), (end.Status, end.Attempt));
        Assert.Contains("404", end.Detail, StringComparison.Ordinal);
        Assert.Single(_fixture.Hooks.All);
    }

    [Fact]
    public async Task A_target_with_a_temporary_failure_is_retried_until_it_accepts_the_alert()
    {
        _fixture.HookAnswer = _ => _fixture.Hooks.All.Count < 2 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK;
        await StartAsync();
        var happened = SampleEvents.Create("DatasetDriftDetected", subject: "datadrift/forward");

        await _fixture.Fixture.PublishAsync(happened, Token);
        var end = await EndAsync("forward", happened);

        Assert.Equal(("succeeded", 3), (end.Status, end.Attempt));
        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], _fixture.Hooks.All.Select(hook => hook.Answer));
    }

    [Fact]
    public async Task An_unreachable_target_fails_the_action_after_the_last_attempt()
    {
        _fixture.Fixture.Settings["Ledger:MaxAttempts"] = "2";
        await StartAsync();
        var happened = SampleEvents.Create("ModelRegistered", subject: "models/gone");

        await _fixture.Fixture.PublishAsync(happened, Token);
        var end = await EndAsync("gone", happened);

        Assert.Equal(("failed", 2), (end.Status, end.Attempt));
        Assert.StartsWith("gave up after 2 attempts", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_an_answer_is_reported_as_possibly_delivered_twice()
    {
        _fixture.HookAnswer = _ => _fixture.Hooks.All.Count < 1 ? 0 : HttpStatusCode.OK;
        await StartAsync();
        var happened = SampleEvents.Create("DatasetDriftDetected", subject: "datadrift/forward");

        await _fixture.Fixture.PublishAsync(happened, Token);
        var end = await EndAsync("forward", happened);

        Assert.Equal(("succeeded", "sent to binding hook; it may arrive twice: an earlier call was not answered"), (end.Status, end.Detail));
        Assert.Equal(2, _fixture.Hooks.All.Count);
    }

    [Fact]
    public async Task A_call_that_an_ended_process_may_have_made_is_reported_as_possibly_delivered_twice()
    {
        await StartAsync();
        var plan = new BindingPlan { Studio = new Uri("https://ml.azure.com"), Binding = "hook", Operation = "create", Data = "{}" };

        var result = await _fixture.Services.GetRequiredService<IActionExecutor<AlertPlan>>().StepAsync(Notifier.Tests.Alerts.Record(plan) with { Interrupted = true }, Token);

        Assert.StartsWith("sent to binding hook; it may arrive twice: an earlier process may have sent it", Assert.IsType<Succeeded>(result).Detail, StringComparison.Ordinal);
    }

    private async Task StartAsync()
    {
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Level == LogLevel.Error && log.Message.Contains("failed before its first step", StringComparison.Ordinal);
    }

    private Task<ActionChanged> EndAsync(string rule, WorkflowEvent happened) => _fixture.Fixture.EndOfAsync(rule, happened, Token);
}
