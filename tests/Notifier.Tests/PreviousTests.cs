using System.Globalization;
using System.Text;

using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>Tests the variable <c>previous</c>: the earlier events of the same correlation chain.</summary>
public sealed class PreviousTests : IAsyncDisposable
{
    private const string LooksBack = """
        alerts:
          - name: chain
            enabled: true
            when: { includedEventTypes: [RunStatusChanged, ModelRegistered] }
            send:
              channel: email
              to: [ann@example.org]
              subject: "{% for step in previous %}{{ step.time | date: '%H:%M' }} {{ step.eventType }} {{ step.status | default: '' }} > {% endfor %}{{ subject }}"

        """;

    private const string LooksAtTheEventAlone = """
        alerts:
          - name: tell
            when: { }
            send: { channel: email, to: [ann@example.org], subject: "{{ subject }}" }

        """;

    private NotifierFixture? _fixture;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_lists_the_earlier_events_of_the_chain_in_the_order_of_their_times_and_not_of_their_arrival()
    {
        var fixture = await StartAsync(LooksBack);
        var (drift, job, done, model) = (At(10, "DatasetDriftDetected", id: "chain"), At(11, "RunStatusChanged", Tagged("runTags", "Running")), At(12, "RunStatusChanged", Tagged("runTags", "Completed")), At(13, "ModelRegistered", Tagged("modelTags")));

        string[] subjects = [await SubjectAsync(fixture, done), await SubjectAsync(fixture, At(9, "RunStatusChanged")), await SubjectAsync(fixture, job)];
        Assert.Contains("SUCCESS", await AnswerAsync(fixture, drift), StringComparison.Ordinal);

        Assert.Equal(["at 12", "at 9", "at 11"], subjects);
        Assert.Equal("10:00 DatasetDriftDetected > 11:00 RunStatusChanged Running > 12:00 RunStatusChanged Completed > at 13", await SubjectAsync(fixture, model));
    }

    [Fact]
    public async Task A_redelivered_event_is_stored_once_and_is_not_in_its_own_previous_events()
    {
        var fixture = await StartAsync(LooksBack);
        var (job, model) = (At(11, "RunStatusChanged", Tagged("runTags", "Running")), At(13, "ModelRegistered", Tagged("modelTags")));

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => fixture.Fixture.PublishAsync(job, Token)));
        var first = (await fixture.NextMailAsync(Token)).Subject;
        for (var again = 0; again < 5; again++)
        {
            Assert.Empty(await Chains(fixture).AddAsync(job, Token));
        }

        Assert.Equal("at 11", first);
        Assert.Equal("11:00 RunStatusChanged Running > at 13", await SubjectAsync(fixture, model));
    }

    [Fact]
    public async Task Concurrent_writes_of_two_replicas_lose_no_event()
    {
        var fixture = await StartAsync(LooksBack);
        var replica = await fixture.AddReplicaAsync(Token);
        ChainStore[] stores = [Chains(fixture), replica.GetRequiredService<ChainStore>()];

        await Task.WhenAll(Enumerable.Range(0, 12).Select(minute => Task.Run(() => stores[minute % stores.Length].AddAsync(Minute(minute), Token), Token)));

        Assert.Equal(Enumerable.Range(0, 12).Select(minute => $"e{minute}"), (await Chains(fixture).AddAsync(Minute(12), Token)).Select(before => before.Id));
    }

    [Fact]
    public async Task A_chain_keeps_its_50_newest_events_and_expires_with_the_ledger_retention()
    {
        var fixture = await StartAsync(LooksBack);
        for (var minute = 0; minute < 55; minute++)
        {
            await Chains(fixture).AddAsync(Minute(minute), Token);
        }

        var before = await Chains(fixture).AddAsync(Minute(55), Token);

        Assert.Equal(Enumerable.Range(6, 49).Select(minute => $"e{minute}"), before.Select(one => one.Id));
        Assert.Empty(await Chains(fixture).AddAsync(Minute(2), Token));
        Assert.InRange(await ExpiryAsync(fixture) - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(89), TimeSpan.FromDays(90));
    }

    [Fact]
    public async Task An_event_whose_chain_cannot_be_stored_is_answered_with_RETRY()
    {
        var fixture = await StartAsync(LooksBack);
        await fixture.Fixture.StopSidecarAsync();

        Assert.Contains("RETRY", await AnswerAsync(fixture, At(10, "DatasetDriftDetected")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a||b/%00?#\\n")]
    [InlineData("\u00e9 \ud83d\ude00")]
    public async Task A_chain_name_may_contain_any_characters(string name)
    {
        var fixture = await StartAsync(LooksBack);
        var (one, other) = (At(11, "ModelRegistered", Tagged("modelTags", chain: name)), At(12, "ModelRegistered", Tagged("modelTags", chain: name)));

        await Chains(fixture).AddAsync(one, Token);

        Assert.Single(await Chains(fixture).AddAsync(other, Token));
    }

    [Theory]
    [InlineData(LooksAtTheEventAlone, false)]
    [InlineData(LooksBack, true)]
    public async Task A_chain_is_stored_only_if_an_enabled_rule_uses_previous(string alerts, bool kept)
    {
        var disabled = LooksBack.Replace("alerts:", "", StringComparison.Ordinal).Replace("enabled: true", "enabled: false", StringComparison.Ordinal).Replace("name: chain", "name: off", StringComparison.Ordinal);
        var fixture = await StartAsync(alerts.TrimEnd() + disabled);

        await SubjectAsync(fixture, At(13, "ModelRegistered", Tagged("modelTags")));

        Assert.Equal(kept, await fixture.Fixture.Dapr.GetStateAsync<object?>("statestore", ChainStore.KeyOf("chain"), cancellationToken: Token) is not null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fixture is not null)
        {
            await _fixture.DisposeAsync();
        }
    }

    private async Task<NotifierFixture> StartAsync(string alerts)
    {
        _fixture = new NotifierFixture(alerts);
        await _fixture.StartAsync(Token);
        return _fixture;
    }

    private static async Task<string> SubjectAsync(NotifierFixture fixture, WorkflowEvent workflowEvent)
    {
        await fixture.Fixture.PublishAsync(workflowEvent, Token);
        return (await fixture.NextMailAsync(Token)).Subject ?? "";
    }

    // Posts the event as the sidecar does. The answer arrives after the service has handled the event.
    private static async Task<string> AnswerAsync(NotifierFixture fixture, WorkflowEvent workflowEvent)
    {
        using var body = new StringContent(workflowEvent.Envelope.GetRawText(), Encoding.UTF8, "application/cloudevents+json");
        using var answer = await fixture.Fixture.Service.Sidecar.PostAsync(new Uri($"/topics/{Topics.For(workflowEvent.Type)}", UriKind.Relative), body, Token);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static async Task<DateTimeOffset> ExpiryAsync(NotifierFixture fixture)
    {
        using var http = SidecarTokens.CreateClient(SidecarTokens.Dapr);
        using var answer = await http.GetAsync(new Uri($"{fixture.Fixture.Settings["DAPR_HTTP_ENDPOINT"]}/v1.0/state/statestore/{ChainStore.KeyOf("chain")}"), Token);
        return DateTimeOffset.Parse(Assert.Single(answer.Headers.GetValues("metadata.ttlExpireTime")), CultureInfo.InvariantCulture);
    }

    private static ChainStore Chains(NotifierFixture fixture) => fixture.Services.GetRequiredService<ChainStore>();

    private static string Tagged(string tags, string status = "", string chain = "chain") =>
        $$"""{"{{tags}}":{"mlevents.correlation":"{{chain}}"}{{(status.Length > 0 ? $",\"runStatus\":\"{status}\"" : "")}}}""";

    private static WorkflowEvent At(int hour, string type, string data = "{}", string? id = null) =>
        SampleEvents.Create(type, data, $"at {hour}", id, string.Create(CultureInfo.InvariantCulture, $"2026-11-01T{hour:00}:00:00Z"));

    private static WorkflowEvent Minute(int minute) =>
        SampleEvents.Create("RunStatusChanged", Tagged("runTags"), id: $"e{minute}", time: string.Create(CultureInfo.InvariantCulture, $"2026-11-01T12:{minute:00}:00Z"));
}
