using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.States;

/// <summary>Alerts with a state, from the published event to the mail.</summary>
public sealed class StatefulAlertTests : IAsyncDisposable
{
    private const string Alerts = """
        alerts:
          - name: run
            state:
              key: "{{ data.experimentName }}"
              open: { includedEventTypes: [RunStatusChanged], advancedFilters: [{ operatorType: StringIn, key: data.runStatus, values: [Failed] }] }
              resolve: { includedEventTypes: [RunCompleted] }
            send: { channel: email, to: ml@example.com, subject: "{{ data.experimentName }}: {{ data.runId }}" }
        """;

    private readonly NotifierFixture _fixture = new(Alerts);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task The_first_failure_and_the_recovery_of_each_experiment_are_mailed()
    {
        await _fixture.StartAsync(Token);

        await EndAsync(Completed("churn", "r0", 0));
        await EndAsync(Failed("churn", "r1", 1));
        await EndAsync(Failed("churn", "r2", 2));
        await EndAsync(Failed("sales", "r3", 3));
        await EndAsync(Completed("churn", "r4", 4));
        await EndAsync(Completed("churn", "r5", 5));

        var subjects = new List<string>();
        for (var mail = 0; mail < 3; mail++)
        {
            subjects.Add((await _fixture.NextMailAsync(Token)).Subject ?? "");
        }

        Assert.Equal(["churn: r1", "sales: r3", "Recovered: churn: r4"], subjects);
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task The_subject_of_a_reminder_states_the_number_of_repetitions()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
        await using var fixture = new NotifierFixture(Alerts.Replace("state:", "state:\n      remind: 1h", StringComparison.Ordinal), time: time);
        await fixture.StartAsync(Token);
        var subjects = new List<string>();
        try
        {
            foreach (var failed in new[] { Failed("churn", "r1", 1), Failed("churn", "r2", 2), Failed("churn", "r3", 3) })
            {
                await fixture.Fixture.PublishAsync(failed, Token);
                await fixture.Fixture.EndOfAsync("run", failed, Token);
                subjects.Add((await fixture.NextMailAsync(Token)).Subject ?? "");
                time.Advance(TimeSpan.FromHours(1));
            }
        }
        finally
        {
            // The service must stop before its sidecar. Otherwise the write of a record waits for the stopped sidecar without end, because the fake clock does not advance.
            await fixture.Fixture.StopServiceAsync();
        }

        Assert.Equal(["churn: r1", "Still open, 1 repetition: churn: r2", "Still open, 2 repetitions: churn: r3"], subjects);
    }

    [Fact]
    public async Task Events_whose_key_is_the_same_ARM_id_in_different_casing_belong_to_one_alert()
    {
        await _fixture.StartAsync(Token);

        await EndAsync(Failed("/subscriptions/s/resourceGroups/G", "r1", 1));
        await EndAsync(Failed("/subscriptions/S/resourcegroups/g/", "r2", 2));
        await EndAsync(Completed("/SUBSCRIPTIONS/s/resourceGroups/g", "r3", 3));

        string[] subjects = [(await _fixture.NextMailAsync(Token)).Subject ?? "", (await _fixture.NextMailAsync(Token)).Subject ?? ""];
        Assert.Equal(["/subscriptions/s/resourceGroups/G: r1", "Recovered: /SUBSCRIPTIONS/s/resourceGroups/g: r3"], subjects);
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task An_alert_that_may_not_be_sent_does_not_open()
    {
        _fixture.Fixture.Settings["Outgoing:MailDomains:0"] = "example.org";
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Message.Contains("is not in Outgoing:MailDomains", StringComparison.Ordinal);

        foreach (var failed in new[] { Failed("churn", "r1", 1), Failed("churn", "r2", 2) })
        {
            await _fixture.Fixture.PublishAsync(failed, Token);
            var end = await _fixture.Fixture.EndOfAsync("run", failed, Token);

            Assert.Equal(("failed", "a recipient's domain 'example.com' is not in Outgoing:MailDomains; nothing was sent"), (end.Status, end.Detail));
        }
    }

    [Fact]
    public async Task Many_opening_events_at_once_on_two_replicas_send_one_mail()
    {
        await _fixture.StartAsync(Token);
        await _fixture.AddReplicaAsync(Token);
        var events = Enumerable.Range(0, 12).Select(number => Failed("churn", $"r{number}", number)).ToList();

        await Task.WhenAll(events.Select(failed => _fixture.Fixture.PublishAsync(failed, Token)));
        foreach (var failed in events)
        {
            await _fixture.Fixture.EndOfAsync("run", failed, Token);
        }

        await _fixture.NextMailAsync(Token);
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    private async Task EndAsync(WorkflowEvent workflowEvent)
    {
        await _fixture.Fixture.PublishAsync(workflowEvent, Token);
        await _fixture.Fixture.EndOfAsync("run", workflowEvent, Token);
    }

    private static WorkflowEvent Failed(string experiment, string run, int minute) => About("RunStatusChanged", experiment, run, minute, "Failed");

    private static WorkflowEvent Completed(string experiment, string run, int minute) => About("RunCompleted", experiment, run, minute, "Completed");

    private static WorkflowEvent About(string type, string experiment, string run, int minute, string status) => SampleEvents.Create(
        type, $$"""{ "experimentName": "{{experiment}}", "runId": "{{run}}", "runStatus": "{{status}}" }""", $"experiments/{experiment}/runs/{run}", time: $"2026-11-01T12:{minute:d2}:00Z");
}
