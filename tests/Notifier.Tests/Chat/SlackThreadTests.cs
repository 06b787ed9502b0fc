using System.Net;
using System.Net.Sockets;
using System.Text.Json;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Ledger;
using MLEvents.Notifier.Chat;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.Chat;

/// <summary>Messages to a Slack conversation through <c>chat.postMessage</c>, from the published event to the HTTP call.</summary>
public sealed class SlackThreadTests : IAsyncDisposable
{
    private readonly NotifierFixture _fixture = new("""
        alerts:
          - name: chain
            when: { subjectBeginsWith: chain/ }
            send: { channel: hook, format: slack, conversation: "{{ data.room }}" }
          - name: experiment
            when: { subjectBeginsWith: experiment/ }
            send: { channel: hook, format: slack, conversation: C1, thread: "{{ data.experimentName }}" }
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Messages_of_a_chain_reply_to_its_first_message_in_the_same_conversation()
    {
        await _fixture.StartAsync(Token);

        var first = await SendAsync("chain", """{"room":"C1","runTags":{"mlevents.correlation":"a"}}""", "1700000000.000100");
        var second = await SendAsync("chain", """{"room":"C1","runTags":{"mlevents.correlation":"a"}}""", "1700000000.000200");
        var third = await SendAsync("chain", """{"room":"C1","runTags":{"mlevents.correlation":"a"}}""", "1700000000.000300");
        var otherChain = await SendAsync("chain", """{"room":"C1","runTags":{"mlevents.correlation":"b"}}""", "1700000000.000400");
        var otherRoom = await SendAsync("chain", """{"room":"C2","runTags":{"mlevents.correlation":"a"}}""", "1700000000.000500");

        Assert.Equal(
            [("C1", null), ("C1", "1700000000.000100"), ("C1", "1700000000.000100"), ("C1", null), ("C2", null)],
            new[] { first, second, third, otherChain, otherRoom });
    }

    [Fact]
    public async Task Messages_of_several_chains_with_the_same_thread_key_are_in_one_thread()
    {
        await _fixture.StartAsync(Token);

        var first = await SendAsync("experiment", """{"experimentName":"churn"}""", "1700000000.000100");
        var second = await SendAsync("experiment", """{"experimentName":"churn"}""", "1700000000.000200");
        var other = await SendAsync("experiment", """{"experimentName":"fraud"}""", "1700000000.000300");

        Assert.Equal([("C1", null), ("C1", "1700000000.000100"), ("C1", null)], new[] { first, second, other });
    }

    [Theory]
    [InlineData("""{"ok":false,"error":"channel_not_found"}""", "failed", "Slack did not post the message of binding hook: channel_not_found")]
    [InlineData("""{"ok":false,"error":"token_revoked"}""", "waiting", "waits because the credential of the Dapr component 'hook' is refused: Slack did not post the message of binding hook: token_revoked")]
    [InlineData("""{"ok":false,"error":"internal_error"}""", "running", "Slack did not post the message of binding hook: internal_error")]
    [InlineData("""{"ok":false}""", "failed", "Slack did not post the message of binding hook: an unknown error")]
    [InlineData("ok", "failed", "the answer of binding hook does not come from Slack's Web API; let the component call the Web API's method chat.postMessage, or remove 'conversation' from the rule")]
    [InlineData("{}", "failed", "the answer of binding hook does not come from Slack's Web API; let the component call the Web API's method chat.postMessage, or remove 'conversation' from the rule")]
    public async Task An_answer_with_status_200_that_does_not_confirm_the_message_is_reported_in_the_detail_of_the_action(string answer, string status, string detail)
    {
        _fixture.HookExtras = (null, answer);
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);
        var caused = SampleEvents.Create("RunCompleted", """{"experimentName":"churn"}""", "experiment/1");

        await _fixture.Fixture.PublishAsync(caused, Token);
        var action = await _fixture.Fixture.Activity.FirstAsync(action => action.Status == status && action.Detail is not null, Token);

        Assert.Equal(detail, action.Detail);
    }

    [Fact]
    public async Task A_thread_that_cannot_be_stored_gives_a_reason_and_no_exception()
    {
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{FreePort.Next()}").Build();
        var threads = new SlackThreads(dapr, Options.Create(new LedgerOptions()));

        var problem = await threads.TryBeginAsync(new SlackThread("hook", "C1", "chain"), "1700000000.000100", Token);

        Assert.StartsWith("later messages do not reply to it, because its thread was not stored: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thread_whose_store_does_not_answer_in_time_gives_a_reason_and_no_exception()
    {
        // The gRPC channel connects to this port before it passes the call to OnCall, which answers the call.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var calls = new SidecarCalls { OnCall = _ => Task.FromException<HttpResponseMessage>(new TaskCanceledException("no answer in time")) };
        using var dapr = calls.CreateClient($"http://{listener.LocalEndpoint}");
        var threads = new SlackThreads(dapr, Options.Create(new LedgerOptions()));

        var problem = await threads.TryBeginAsync(new SlackThread("hook", "C1", "chain"), "1700000000.000100", Token);

        Assert.StartsWith("later messages do not reply to it, because its thread was not stored: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_action_fails_and_sends_no_message_if_its_conversation_cannot_be_rendered()
    {
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Message.Contains("failed before its first step", StringComparison.Ordinal);
        var caused = SampleEvents.Create("RunCompleted", "{}", "chain/1");

        await _fixture.Fixture.PublishAsync(caused, Token);
        var action = await _fixture.Fixture.EndOfAsync("chain", caused, Token);

        Assert.Equal("failed", action.Status);
        Assert.Contains("conversation: 'data.room' has no value", action.Detail, StringComparison.Ordinal);
        Assert.Empty(_fixture.Hooks.All);
    }

    // Publishes an event. The answer of Slack contains the id of the new message. Returns the conversation, and the id of the message to which the new
    // message replies; null if the new message begins a thread.
    private async Task<(string? Conversation, string? Thread)> SendAsync(string rule, string data, string id)
    {
        _fixture.HookExtras = (null, $$"""{"ok":true,"channel":"C1","ts":"{{id}}"}""");
        var (before, caused) = (_fixture.Hooks.All.Count, SampleEvents.Create("RunCompleted", data, $"{rule}/1"));
        await _fixture.Fixture.PublishAsync(caused, Token);
        Assert.Equal("succeeded", (await _fixture.Fixture.EndOfAsync(rule, caused, Token)).Status);
        using var body = JsonDocument.Parse(Assert.Single(_fixture.Hooks.All.Skip(before)).Body);
        Assert.True(body.RootElement.TryGetProperty("blocks", out _));
        return (body.RootElement.GetProperty("channel").GetString(), body.RootElement.TryGetProperty("thread_ts", out var thread) ? thread.GetString() : null);
    }
}
