using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>Alerts wait while the mail server or a webhook refuses the credential. They fail only after <c>Ledger:CredentialTimeout</c>.</summary>
public sealed class RefusedCredentialTests : IAsyncDisposable
{
    private readonly NotifierFixture _fixture = new("""
        alerts:
          - name: mail
            when: { subjectBeginsWith: mail/ }
            send: { channel: email, to: [ops@example.org], text: "{{ id }}" }
          - name: hook
            when: { subjectBeginsWith: hook/ }
            send: { channel: hook, forward: true }
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Mails_wait_while_the_password_is_wrong_and_are_sent_when_it_is_correct()
    {
        var isRight = false;
        var accepted = _fixture.Mail.Answer;
        _fixture.Mail.Answer = line => line.StartsWith("AUTH", StringComparison.Ordinal) && !isRight ? "535 5.7.8 robot@example.org is refused" : accepted(line);
        (_fixture.Fixture.Settings["Mail:UserName"], _fixture.Fixture.Settings["Mail:Password"]) = ("robot", "secret");
        await StartAsync();
        var events = Enumerable.Range(0, 20).Select(number => SampleEvents.Create("RunCompleted", "{}", $"mail/{number}", id: $"e{number}")).ToList();

        foreach (var happened in events)
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
        }

        var waiting = await _fixture.Fixture.Activity.AtLeastAsync(events.Count, action => action.Status == "waiting", Token);
        var attempts = _fixture.Mail.Commands.Count(line => line.StartsWith("AUTH", StringComparison.Ordinal));
        var health = await HealthAsync();
        isRight = true;
        var ends = await _fixture.Fixture.Activity.AtLeastAsync(events.Count, action => action.Status is "succeeded" or "failed", Token);

        Assert.All(waiting, action => Assert.Equal((1, "waits because the credential of the mail server (Mail:UserName with Mail:Password or Mail:OAuth) is refused: authentication failed: 535 5.7.8 (address) is refused"), (action.Attempt, action.Detail)));
        Assert.True(attempts < events.Count, $"{attempts} sign-ins for {events.Count} mails");
        Assert.Equal("Degraded", health.GetProperty("status").GetString());
        Assert.Contains("Mail:Password", health.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.All(ends, end => Assert.Equal(("succeeded", 1), (end.Status, end.Attempt)));
        Assert.Equal("Healthy", (await HealthAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_refusal_that_quotes_a_secret_does_not_show_it_on_the_health_page()
    {
        var accepted = _fixture.Mail.Answer;
        _fixture.Mail.Answer = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "535 5.7.8 refused, see https://login.example.org/help?sig=canary-7Kq" : accepted(line);
        (_fixture.Fixture.Settings["Mail:UserName"], _fixture.Fixture.Settings["Mail:Password"]) = ("robot", "secret");
        await StartAsync();

        await _fixture.Fixture.PublishAsync(SampleEvents.Create("RunCompleted", "{}", "mail/1"), Token);
        await _fixture.Fixture.Activity.FirstAsync(action => action.Status == "waiting", Token);
        var health = await _fixture.Fixture.Service.Client.GetStringAsync(new Uri("health", UriKind.Relative), Token);

        Assert.Contains("535 5.7.8 refused, see https://login.example.org/", health, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", health, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_wait_while_a_webhook_refuses_its_credential_and_mails_are_still_sent()
    {
        _fixture.HookAnswer = _ => HttpStatusCode.Forbidden;
        await StartAsync();
        var (hooked, mailed) = (SampleEvents.Create("RunCompleted", "{}", "hook/1"), SampleEvents.Create("RunCompleted", "{}", "mail/1"));

        await _fixture.Fixture.PublishAsync(hooked, Token);
        var waiting = await _fixture.Fixture.Activity.FirstAsync(action => action.Status == "waiting", Token);
        await _fixture.Fixture.PublishAsync(mailed, Token);
        var mail = await _fixture.Fixture.EndOfAsync("mail", mailed, Token);
        _fixture.HookAnswer = _ => HttpStatusCode.OK;
        var hook = await _fixture.Fixture.EndOfAsync("hook", hooked, Token);

        Assert.StartsWith("waits because the credential of the Dapr component 'hook' is refused:", waiting.Detail, StringComparison.Ordinal);
        Assert.Equal(("succeeded", "succeeded", 1), (mail.Status, hook.Status, hook.Attempt));
    }

    [Fact]
    public async Task An_alert_that_waits_for_its_credential_fails_after_the_timeout()
    {
        _fixture.HookAnswer = _ => HttpStatusCode.Unauthorized;
        _fixture.Fixture.Settings["Ledger:CredentialTimeout"] = "00:00:01";
        await StartAsync();
        var hooked = SampleEvents.Create("RunCompleted", "{}", "hook/1");

        await _fixture.Fixture.PublishAsync(hooked, Token);
        var end = await _fixture.Fixture.EndOfAsync("hook", hooked, Token);

        Assert.Equal(("failed", 1), (end.Status, end.Attempt));
        Assert.StartsWith("gave up after 00:00:01 (Ledger:CredentialTimeout): waits because the credential of the Dapr component 'hook' is refused:", end.Detail, StringComparison.Ordinal);
    }

    private async Task StartAsync()
    {
        _fixture.Fixture.Settings["Ledger:CredentialInterval"] = TimeSpan.FromMilliseconds(500).ToString("c", CultureInfo.InvariantCulture);
        await _fixture.StartAsync(Token);
        _fixture.Fixture.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);
    }

    private async Task<JsonElement> HealthAsync() =>
        (await _fixture.Fixture.Service.Client.GetFromJsonAsync<JsonElement>(new Uri("health", UriKind.Relative), Token)).GetProperty("checks").GetProperty("credentials");
}
