using System.Text;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MimeKit;

using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Common;

namespace MLEvents.Notifier.Tests.Email;

public sealed class MailSenderTests : IAsyncDisposable
{
    private readonly MailReceiver _receiver = MailReceiver.Start();
    private readonly List<SmtpSessionPool> _pools = [];
    private readonly List<MailTokens> _tokens = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools)
        {
            await pool.DisposeAsync();
        }

        _tokens.ForEach(tokens => tokens.Dispose());
        await _services.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_reaches_every_recipient_and_does_not_name_the_Bcc_recipients()
    {
        var plan = Alerts.Mail with { To = ["Ann <ann@example.org>"], Cc = ["bob@example.org"], Bcc = ["eve@example.org"] };

        var result = await SendAsync(plan);
        var mail = await _receiver.Mails.ReadAsync(Token);

        Assert.Equal("mailed to 3 recipients", Assert.IsType<Succeeded>(result).Detail);
        Assert.Equal(["ann@example.org", "bob@example.org", "eve@example.org"], mail.Recipients);
        Assert.DoesNotContain("eve", mail.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lines_leading_dots_and_letters_outside_ASCII_arrive_as_written()
    {
        var text = $".dot\n..\n{new string('x', 2000)}\nDrift bei „Kündigung“ ✓";

        await SendAsync(Alerts.Mail with { Text = text, Subject = "Drift bei „Kündigung“" });
        var mail = Parse(await _receiver.Mails.ReadAsync(Token));

        Assert.Equal(text, mail.TextBody?.ReplaceLineEndings("\n").TrimEnd('\n'));
        Assert.Equal("Drift bei „Kündigung“", mail.Subject);
    }

    [Theory]
    [InlineData("drift\r\nBcc: eve@example.org\r\n\r\nbody")]
    [InlineData("drift\nBcc: eve@example.org")]
    [InlineData("drift\rBcc: eve@example.org")]
    [InlineData("drift\u2028Bcc: eve@example.org\0")]
    public async Task A_subject_with_line_breaks_adds_no_header_and_no_recipient(string subject)
    {
        await SendAsync(Alerts.Mail with { Subject = subject });
        var mail = await _receiver.Mails.ReadAsync(Token);

        Assert.Equal(["ann@example.org"], mail.Recipients);
        Assert.False(Parse(mail).Headers.Contains(HeaderId.Bcc));
        Assert.Equal("The data of churn drifted.", Parse(mail).TextBody?.Trim());
        Assert.StartsWith("drift", Parse(mail).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_to_an_address_outside_ASCII_is_sent_if_the_server_supports_it()
    {
        var result = await SendAsync(Alerts.Mail with { To = ["jürgen@bücher.example"] });
        var mail = await _receiver.Mails.ReadAsync(Token);

        Assert.IsType<Succeeded>(result);
        Assert.Equal(["jürgen@bücher.example"], mail.Recipients);
    }

    [Fact]
    public async Task A_recipient_that_is_not_an_address_fails_the_mail_without_a_retry_and_the_detail_does_not_name_it()
    {
        var failed = Assert.IsType<Failed>(await SendAsync(Alerts.Mail with { To = ["not an address"] }));

        Assert.Equal("a recipient of the rule is not an e-mail address", failed.Detail);
    }

    [Theory]
    [InlineData("CONNECT", "554 no SMTP service here", "554 no SMTP service here")]
    [InlineData("MAIL", "553 <alerts@example.org>: sender refused", "553 (address): sender refused")]
    [InlineData("RCPT", "550 5.1.1 <ann@example.org>: user unknown", "550 5.1.1 (address): user unknown")]
    [InlineData(".", "554 looks like spam", "554 looks like spam")]
    public async Task A_permanent_refusal_fails_with_the_servers_answer_without_addresses(string at, string answer, string detail)
    {
        _receiver.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? answer : null;

        var failed = Assert.IsType<Failed>(await SendAsync(Alerts.Mail));

        Assert.Equal(detail, failed.Detail);
    }

    [Theory]
    [InlineData("CONNECT", "421 too many connections")]
    [InlineData("MAIL", "451 try later")]
    [InlineData("RCPT", "450 greylisted")]
    [InlineData(".", "452 disk full")]
    public async Task A_temporary_refusal_is_retried(string at, string answer)
    {
        _receiver.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? answer : null;

        var again = Assert.IsType<Retry>(await SendAsync(Alerts.Mail));

        Assert.Equal(answer, again.Detail);
    }

    [Fact]
    public async Task A_refused_recipient_does_not_stop_the_mail_to_the_others()
    {
        _receiver.Answer = line => line.Contains("bob@", StringComparison.Ordinal) ? "550 5.1.1 bob@example.org is gone" : null;

        var result = await SendAsync(Alerts.Mail with { To = ["ann@example.org", "bob@example.org"] });
        var mail = await _receiver.Mails.ReadAsync(Token);

        Assert.Equal("mailed to 1 of 2 recipients; refused: 550 5.1.1 (address) is gone", Assert.IsType<Succeeded>(result).Detail);
        Assert.Equal(["ann@example.org"], mail.Recipients);
    }

    [Fact]
    public async Task If_one_recipient_is_refused_temporarily_no_recipient_gets_the_mail_yet()
    {
        _receiver.Answer = line => line.Contains("bob@", StringComparison.Ordinal) ? "450 greylisted" : null;

        var result = await SendAsync(Alerts.Mail with { To = ["ann@example.org", "bob@example.org"] });

        Assert.IsType<Retry>(result);
        Assert.False(_receiver.Mails.TryRead(out _));
    }

    [Fact]
    public async Task An_unreachable_server_is_retried()
    {
        var port = _receiver.Port;
        await _receiver.DisposeAsync();

        Assert.IsType<Retry>(await SendAsync(Alerts.Mail, mail => mail.Port = port));
    }

    [Fact]
    public async Task A_mail_is_retried_if_the_server_closes_the_session_before_the_transfer()
    {
        _receiver.Answer = line => line == "DATA" ? "421 going down" : null;

        Assert.IsType<Retry>(await SendAsync(Alerts.Mail));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_retried_after_the_timeout()
    {
        _receiver.Answer = line => line == "CONNECT" ? "" : null;

        var again = Assert.IsType<Retry>(await SendAsync(Alerts.Mail, mail => mail.Timeout = TimeSpan.FromMilliseconds(200)));

        Assert.Equal("the mail server did not accept the mail within 0.2 s", again.Detail);
    }

    [Fact]
    public async Task An_accepted_mail_counts_as_sent_even_if_the_server_refuses_QUIT()
    {
        _receiver.Answer = line => line == "QUIT" ? "500 what" : null;

        Assert.IsType<Succeeded>(await SendAsync(Alerts.Mail));
    }

    [Fact]
    public async Task A_mail_whose_end_of_data_was_not_answered_is_reported_as_possibly_delivered_twice()
    {
        _receiver.Answer = line => line == "." ? "" : null;
        var record = Alerts.Record(Alerts.Mail);
        var unanswered = Assert.IsType<Retry>(await SendAsync(Alerts.Mail, mail => mail.Timeout = TimeSpan.FromMilliseconds(500)));
        _receiver.Answer = _ => null;

        var second = await Sender().SendAsync(Alerts.Mail, record with { State = unanswered.State }, Token);

        Assert.Equal("mailed to 1 recipient; it may arrive twice: the mail server did not answer an earlier attempt", Assert.IsType<Succeeded>(second).Detail);
    }

    [Fact]
    public async Task An_attempt_that_ended_before_the_transfer_is_not_reported_as_possibly_delivered()
    {
        _receiver.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "" : null;

        var again = Assert.IsType<Retry>(await SendAsync(Alerts.Mail, mail => mail.Timeout = TimeSpan.FromMilliseconds(500)));

        Assert.Empty(again.State);
    }

    [Fact]
    public async Task A_mail_that_an_ended_process_may_have_sent_is_reported_as_possibly_delivered_twice()
    {
        var result = await Sender().SendAsync(Alerts.Mail, Alerts.Record(Alerts.Mail) with { Interrupted = true }, Token);

        Assert.StartsWith("mailed to 1 recipient; it may arrive twice: an earlier process may have sent it", Assert.IsType<Succeeded>(result).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_the_required_TLS_gets_no_mail()
    {
        var result = await SendAsync(Alerts.Mail, mail => mail.Security = MailSecurity.StartTls);

        Assert.IsType<Failed>(result);
        Assert.DoesNotContain(_receiver.Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_TLS_handshake_is_retried()
    {
        _receiver.Answer = line => line == "CONNECT" ? "this is no TLS" : null;

        Assert.IsType<Retry>(await SendAsync(Alerts.Mail, mail => mail.Security = MailSecurity.SslOnConnect));
    }

    [Fact]
    public async Task The_session_authenticates_if_a_user_name_is_set()
    {
        var result = await SendAsync(Alerts.Mail, SignIn);

        Assert.IsType<Succeeded>(result);
        Assert.Contains($"AUTH PLAIN {Convert.ToBase64String("\0robot\0secret"u8)}", _receiver.Commands);
    }

    [Theory]
    [InlineData("535 5.7.8 robot@example.org is refused", typeof(CredentialRefused))]
    [InlineData("454 4.7.0 try later", typeof(Retry))]
    public async Task A_refused_credential_returns_CredentialRefused_and_a_temporary_authentication_failure_is_retried(string answer, Type expected)
    {
        _receiver.Answer = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? answer : null;

        var result = await SendAsync(Alerts.Mail, SignIn);

        Assert.Equal(expected, result.GetType());
        Assert.StartsWith("authentication failed:", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("robot@", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("530 5.7.57 Client not authenticated to send mail")]
    [InlineData("550 5.7.60 SMTP; Client does not have permissions to send as this sender")]
    public async Task A_refused_sender_counts_as_a_refused_credential(string answer)
    {
        _receiver.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? answer : null;

        Assert.Equal(answer, Assert.IsType<CredentialRefused>(await SendAsync(Alerts.Mail)).Detail);
    }

    [Fact]
    public async Task The_next_mail_uses_the_same_session_without_a_reset_if_the_session_has_just_sent_a_mail()
    {
        var sender = Sender(SignIn, _time);

        await SendAsync(sender);
        _time.Advance(SmtpSessionPool.MaxIdleWithoutReset - TimeSpan.FromTicks(1));
        await SendAsync(sender);

        Assert.Equal(["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"], Commands());
    }

    [Fact]
    public async Task A_session_that_was_idle_is_reset_before_the_next_mail()
    {
        var sender = Sender(SignIn, _time);

        await SendAsync(sender);
        _time.Advance(SmtpSessionPool.MaxIdleWithoutReset);
        await SendAsync(sender);

        Assert.Equal(["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA"], Commands());
    }

    [Fact]
    public async Task A_closed_session_is_replaced_before_the_mail_is_attempted()
    {
        _receiver.Answer = line => line == "RSET" ? "421 idle for too long" : null;
        var sender = Sender(time: _time);
        await SendAsync(sender);
        _time.Advance(SmtpSessionPool.MaxIdleWithoutReset);

        var result = await SendAsync(sender);

        Assert.Equal("mailed to 1 recipient", Assert.IsType<Succeeded>(result).Detail);
        Assert.Equal(["EHLO", "MAIL", "RCPT", "DATA", "RSET", "EHLO", "MAIL", "RCPT", "DATA"], Commands());
    }

    [Theory]
    [InlineData("MAIL", "MAIL")]
    [InlineData("RCPT", "MAIL RCPT")]
    [InlineData("DATA", "MAIL RCPT DATA")]
    public async Task A_session_that_is_closed_right_after_a_mail_is_replaced_and_the_mail_arrives_once(string refused, string commands)
    {
        var seen = 0;
        _receiver.Answer = line => line.StartsWith(refused, StringComparison.Ordinal) && ++seen == 2 ? "421 closing" : null;
        var sender = Sender(time: _time);
        await SendAsync(sender);

        var result = await SendAsync(sender);

        Assert.Equal("mailed to 1 recipient", Assert.IsType<Succeeded>(result).Detail);
        Assert.Equal(["EHLO", "MAIL", "RCPT", "DATA", .. commands.Split(' '), "EHLO", "MAIL", "RCPT", "DATA"], Commands());
        await _receiver.Mails.ReadAsync(Token);
        await _receiver.Mails.ReadAsync(Token);
        Assert.False(_receiver.Mails.TryRead(out _));
    }

    [Fact]
    public async Task A_connection_that_ends_without_an_answer_right_after_a_mail_is_replaced_too()
    {
        _receiver.ClosesAfterMail = true;
        var sender = Sender(time: _time);
        await SendAsync(sender);

        var result = await SendAsync(sender);

        Assert.Equal("mailed to 1 recipient", Assert.IsType<Succeeded>(result).Detail);
    }

    [Fact]
    public async Task A_mail_whose_transfer_had_begun_is_not_sent_in_another_session()
    {
        var ends = 0;
        _receiver.Answer = line => line == "." && ++ends == 2 ? "421 closing" : null;
        var sender = Sender(time: _time);
        await SendAsync(sender);

        var result = await SendAsync(sender);

        Assert.Equal("421 closing", Assert.IsType<Retry>(result).Detail);
        Assert.Equal(["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"], Commands().Where(command => command != "RSET"));
    }

    [Fact]
    public async Task If_the_server_closes_a_session_the_next_session_is_reset_first_and_is_not_replaced_if_the_server_closes_it_too()
    {
        var isBusy = false;
        _receiver.Answer = line => isBusy && line.StartsWith("MAIL", StringComparison.Ordinal) ? "421 too busy" : null;
        var sender = Sender(time: _time);
        var pool = _pools[^1];
        var (one, other) = (await pool.RentAsync(Token), await pool.RentAsync(Token));
        pool.Return(one);
        pool.Return(other);
        isBusy = true;

        var result = await SendAsync(sender);

        Assert.Equal("421 too busy", Assert.IsType<Retry>(result).Detail);
        Assert.Equal(["EHLO", "EHLO", "MAIL", "RSET", "MAIL"], Commands());
    }

    [Fact]
    public async Task A_new_session_that_is_closed_is_not_replaced()
    {
        _receiver.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "421 too busy" : null;

        Assert.Equal("421 too busy", Assert.IsType<Retry>(await SendAsync(Alerts.Mail)).Detail);
        Assert.Equal(["EHLO", "MAIL"], Commands());
    }

    [Fact]
    public async Task A_session_whose_reset_is_cancelled_is_disposed()
    {
        Sender(time: _time);
        var pool = _pools[^1];
        var session = await pool.RentAsync(Token);
        pool.Return(session);
        _time.Advance(SmtpSessionPool.MaxIdleWithoutReset);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.RentAsync(new CancellationToken(canceled: true)));

        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.NoOpAsync(Token));
    }

    [Fact]
    public async Task A_session_is_replaced_after_its_last_mail()
    {
        var sender = Sender(mail => mail.MailsPerSession = 1);

        await SendAsync(sender);
        await SendAsync(sender);

        await Poll.UntilAsync(() => Commands().Count(command => command == "QUIT") == 2, Token);
        Assert.DoesNotContain("RSET", Commands());
    }

    [Fact]
    public async Task A_mail_waits_for_a_session_while_all_sessions_are_in_use()
    {
        using var gate = new ManualResetEventSlim();
        var isSending = new TaskCompletionSource();
        _receiver.Answer = line =>
        {
            if (line == ".")
            {
                isSending.TrySetResult();
                gate.Wait(Token);
            }

            return null;
        };
        var sender = Sender(mail => mail.Sessions = 1, _time);

        var first = SendAsync(sender);
        await isSending.Task.WaitAsync(Token);
        var second = SendAsync(sender);
        Assert.Single(Commands(), command => command == "EHLO");
        gate.Set();

        Assert.All(await Task.WhenAll(first, second), result => Assert.IsType<Succeeded>(result));
        Assert.Equal(["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"], Commands());
    }

    [Fact]
    public async Task An_idle_session_is_closed()
    {
        var sender = Sender(mail => mail.SessionIdle = TimeSpan.FromSeconds(30), _time);
        await SendAsync(sender);

        _time.Advance(TimeSpan.FromSeconds(30));

        await Poll.UntilAsync(() => Commands()[^1] == "QUIT", Token);
    }

    [Fact]
    public async Task An_idle_session_is_closed_also_while_another_session_is_in_use()
    {
        Sender(mail => mail.SessionIdle = TimeSpan.FromSeconds(30), _time);
        var pool = _pools[^1];
        var (idle, used) = (await pool.RentAsync(Token), await pool.RentAsync(Token));
        pool.Return(idle);
        pool.Return(used);

        for (var use = 0; use < 3; use++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            pool.Return(await pool.RentAsync(Token));
        }

        await Poll.UntilAsync(() => Commands().Contains("QUIT"), Token);
        Assert.Single(Commands(), command => command == "QUIT");
        Assert.True(used.IsConnected);
    }

    [Fact]
    public async Task Without_SMTPUTF8_the_recipients_with_ASCII_addresses_get_the_mail_and_the_result_names_the_reason()
    {
        _receiver.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 receiver" : null;

        var result = await SendAsync(Alerts.Mail with { To = ["ann@example.org"], Cc = ["jürgen@example.org"] });
        var mail = await _receiver.Mails.ReadAsync(Token);

        Assert.Equal("mailed to 1 of 2 recipients; the mail server does not support addresses with characters outside ASCII (SMTPUTF8)", Assert.IsType<Succeeded>(result).Detail);
        Assert.Equal(["ann@example.org"], mail.Recipients);
        Assert.DoesNotContain("Cc:", mail.Content, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_SMTPUTF8_the_mail_fails_if_no_recipient_has_an_ASCII_address()
    {
        _receiver.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 receiver" : null;

        var failed = Assert.IsType<Failed>(await SendAsync(Alerts.Mail with { To = ["jürgen@example.org"] }));

        Assert.Equal("no recipient can be reached: the mail server does not support addresses with characters outside ASCII (SMTPUTF8)", failed.Detail);
    }

    [Fact]
    public async Task A_stop_of_the_service_cancels_the_mail_without_a_result()
    {
        _receiver.Answer = line => line == "CONNECT" ? "" : null;
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Sender().SendAsync(Alerts.Mail, Alerts.Record(Alerts.Mail), stop.Token));
    }

    private static MimeMessage Parse(ReceivedMail mail)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(mail.Content));
        return MimeMessage.Load(stream, Token);
    }

    private static void SignIn(MailOptions mail) => (mail.UserName, mail.Password) = ("robot", "secret");

    private List<string> Commands() => [.. _receiver.Commands.Select(line => line.Split(' ', ':')[0])];

    private static Task<StepResult> SendAsync(MailSender sender) => sender.SendAsync(Alerts.Mail, Alerts.Record(Alerts.Mail), Token);

    private Task<StepResult> SendAsync(MailPlan plan, Action<MailOptions>? change = null) =>
        Sender(change).SendAsync(plan, Alerts.Record(plan), Token);

    private MailSender Sender(Action<MailOptions>? change = null, TimeProvider? time = null)
    {
        var mail = new MailOptions { Host = "127.0.0.1", Port = _receiver.Port, From = "ML alerts <alerts@example.org>" };
        change?.Invoke(mail);
        var tokens = new MailTokens(_services.GetRequiredService<IHttpClientFactory>(), Options.Create(mail), time ?? TimeProvider.System);
        _tokens.Add(tokens);
        var pool = new SmtpSessionPool(Options.Create(mail), tokens, time ?? TimeProvider.System);
        _pools.Add(pool);
        return new MailSender(pool, new MailServerState(TimeProvider.System), Options.Create(mail), TimeProvider.System);
    }
}
