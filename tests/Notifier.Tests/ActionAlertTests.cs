using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>Alerts about the actions of the services, from the published event to the mail.</summary>
public sealed class ActionAlertTests : IAsyncDisposable
{
    private const string Alerts = """
        alerts:
          - name: forward
            when: { includedEventTypes: [RunCompleted] }
            send: { channel: nowhere, forward: true }
          - name: failed
            when:
              includedEventTypes: [ActionChanged]
              advancedFilters: [{ operatorType: StringIn, key: data.status, values: [failed] }]
            send: { channel: email, to: ml@example.com }
          - name: failed-too
            when:
              includedEventTypes: [ActionChanged]
              advancedFilters: [{ operatorType: StringIn, key: data.status, values: [failed] }]
            send: { channel: nowhere, forward: true }
        """;

    private readonly NotifierFixture _fixture = new(Alerts);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_failed_action_is_mailed_once_and_the_failure_of_its_alert_starts_no_loop()
    {
        await _fixture.StartAsync(Token);
        var completed = SampleEvents.Create("RunCompleted", """{ "runId": "r1" }""", "experiments/e/runs/r1");

        await _fixture.Fixture.PublishAsync(completed, Token);

        // The rule 'forward' fails. The rule 'failed' sends a mail about this failure. The rule 'failed-too' also fails, and no rule reports the failure of 'failed-too'.
        Assert.Equal("notifier: forward is failed", (await _fixture.NextMailAsync(Token)).Subject);
        var report = await _fixture.Fixture.Activity.FirstAsync(activity => activity.Rule == "failed-too" && activity.Status == "failed", Token);
        Assert.Equal((completed.Id, 2), (report.CorrelationId, report.Path.Split('.').Length));

        await _fixture.Fixture.PublishAsync(SampleEvents.Create("RunCompleted", """{ "runId": "r2" }""", "experiments/e/runs/r2"), Token);
        Assert.Equal("notifier: forward is failed", (await _fixture.NextMailAsync(Token)).Subject);
        await _fixture.Fixture.Activity.FirstAsync(activity => activity.Rule == "failed-too" && activity.Status == "failed" && activity.CorrelationId != completed.Id, Token);
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }
}
