using Microsoft.Extensions.Logging;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

public sealed class EmailAlertTests : IAsyncDisposable
{
    private const string Alerts = """
        alerts:
          - name: tell
            when: { includedEventTypes: [RunCompleted] }
            send:
              channel: email
              to: [Ann <ann@example.org>, bob@example.org]
              subject: "Done: {{ data.experimentName }}"
              text: "Run {{ data.runId }} is done. {{ studioUrl }}"
              html: "<p>Run {{ data.runId }} is done.</p>"
        """;

    private const string DryRun = """
        alerts:
          - name: tell
            when: { includedEventTypes: [RunCompleted] }
            dryRun: true
            send: { channel: email, to: [ann@example.org], subject: "Done: {{ data.experimentName }}", text: "Run {{ data.runId }} is done." }
        """;

    private readonly NotifierFixture _fixture = new(Alerts);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task An_event_that_matches_is_mailed_once_even_if_it_is_delivered_several_times()
    {
        await _fixture.StartAsync(Token);
        var done = SampleEvents.Create("RunCompleted", """{"experimentName":"churn","runId":"r1"}""");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _fixture.Fixture.PublishAsync(done, Token)));
        var mail = await _fixture.NextMailAsync(Token);
        var end = await _fixture.Fixture.EndOfAsync("tell", done, Token);
        await HandledAsync();

        Assert.Equal("Done: churn", mail.Subject);
        Assert.Contains("/runs/r1", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("<p>Run r1 is done.</p>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Equal($"{end.ActionId}@example.org", mail.MessageId);
        Assert.Equal(("succeeded", "mailed to 2 recipients"), (end.Status, end.Detail));
        Assert.Contains("/runs/r1", end.Links["studio"].AbsoluteUri, StringComparison.Ordinal);
        Assert.Single(_fixture.Fixture.Activity.All, action => action.Status == "succeeded" && action.Event.Id == done.Id);
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task A_dry_run_mails_nothing_and_reports_that_the_action_would_execute()
    {
        await using var fixture = new NotifierFixture(DryRun);
        await fixture.StartAsync(Token);
        var done = SampleEvents.Create("RunCompleted", """{"experimentName":"churn","runId":"r1"}""");

        await fixture.Fixture.PublishAsync(done, Token);
        var end = await fixture.Fixture.EndOfAsync("tell", done, Token);

        Assert.Equal("skipped", end.Status);
        Assert.StartsWith("dry run: nothing was changed; the action would execute", end.Detail, StringComparison.Ordinal);
        Assert.False(fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task Events_of_one_chain_make_one_thread()
    {
        await _fixture.StartAsync(Token);
        var first = SampleEvents.Create("RunCompleted", """{"experimentName":"a","runId":"r1","runTags":{"mlevents.correlation":"chain"}}""");
        var second = SampleEvents.Create("RunCompleted", """{"experimentName":"b","runId":"r2","runTags":{"mlevents.correlation":"chain"}}""");

        await _fixture.Fixture.PublishAsync(first, Token);
        await _fixture.Fixture.PublishAsync(second, Token);
        var (one, other) = (await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token));

        Assert.Equal(one.InReplyTo, other.InReplyTo);
        Assert.NotEqual(one.MessageId, other.MessageId);
    }

    [Theory]
    [InlineData("""churn\r\nBcc: eve@example.org\r\n\r\nand a body""")]
    [InlineData("""{{ data.runId }} {% for i in (1..9) %}x{% endfor %}\nTo: eve@example.org""")]
    public async Task Values_of_an_event_are_used_as_text_and_not_as_headers_or_templates(string name)
    {
        await _fixture.StartAsync(Token);
        var done = SampleEvents.Create("RunCompleted", $$$"""{"experimentName":"{{{name}}}","runId":"r1"}""");

        await _fixture.Fixture.PublishAsync(done, Token);
        var received = await _fixture.NextAsync(Token);
        var mail = await NotifierFixture.ReadAsync(received, Token);

        Assert.Equal(["ann@example.org", "bob@example.org"], received.Recipients);
        Assert.Equal(2, mail.GetRecipients().Count);
        Assert.StartsWith("Done: " + name.Split('\\')[0].TrimEnd(), mail.Subject, StringComparison.Ordinal);
        Assert.StartsWith("Run r1 is done.", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_server_that_is_available_again_gets_the_mail_once()
    {
        var port = _fixture.Mail.Port;
        await _fixture.Mail.DisposeAsync();
        await _fixture.StartAsync(Token);
        var done = SampleEvents.Create("RunCompleted", """{"experimentName":"churn","runId":"r1"}""");

        await _fixture.Fixture.PublishAsync(done, Token);
        await _fixture.Fixture.Activity.FirstAsync(action => action.Status == "running" && action.Attempt > 1, Token);
        _fixture.Mail = MailReceiver.Start(port);
        var mail = await _fixture.NextMailAsync(Token);
        var end = await _fixture.Fixture.EndOfAsync("tell", done, Token);

        Assert.Equal(("succeeded", $"{end.ActionId}@example.org"), (end.Status, mail.MessageId));
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task A_refused_recipient_fails_the_action_and_the_detail_names_no_address()
    {
        _fixture.Mail.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 ann@example.org: user unknown" : null;
        await _fixture.StartAsync(Token);
        var done = SampleEvents.Create("RunCompleted", """{"experimentName":"churn","runId":"r1"}""");

        await _fixture.Fixture.PublishAsync(done, Token);
        var end = await _fixture.Fixture.EndOfAsync("tell", done, Token);

        Assert.Equal(("failed", "550 5.1.1 (address): user unknown", 1), (end.Status, end.Detail, end.Attempt));
    }

    [Fact]
    public async Task A_service_that_starts_before_its_sidecar_becomes_ready_when_the_sidecar_starts()
    {
        await _fixture.Fixture.StartServiceAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Level == LogLevel.Error && log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;
        var before = await _fixture.Fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);

        await _fixture.Fixture.StartSidecarAsync(Token);
        await _fixture.Fixture.PublishAsync(SampleEvents.Create("RunCompleted", """{"experimentName":"churn","runId":"r1"}"""), Token);
        await _fixture.NextMailAsync(Token);
        var after = await _fixture.Fixture.Service.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, before.StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, after.StatusCode);
    }

    // Publishes a last event and waits for its mail. A duplicate of the first mail would arrive before the mail of the last event.
    private async Task HandledAsync()
    {
        var last = SampleEvents.Create("RunCompleted", """{"experimentName":"last","runId":"r2"}""");
        await _fixture.Fixture.PublishAsync(last, Token);
        Assert.Equal("Done: last", (await _fixture.NextMailAsync(Token)).Subject);
    }
}
