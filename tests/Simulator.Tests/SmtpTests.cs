using System.Net;
using System.Net.Sockets;
using System.Text;

using MailKit.Net.Smtp;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using MimeKit;

using MLEvents.Local.Simulator.Smtp;
using MLEvents.Tests.Common;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class SmtpTests
{
    [Fact]
    public async Task A_mail_sent_with_MailKit_is_complete_in_the_inbox()
    {
        await using var simulator = await StartAsync();

        await SendAsync(simulator, "Grüße: Lauf fertig", "first\r\n.\r\n..two dots\r\nlast");
        var inbox = await simulator.ReadAsync("/inbox?kind=mail&contains=lauf");
        var mail = Assert.Single(inbox["mails"]?.AsArray() ?? []);
        using var raw = await simulator.GetAsync($"/inbox/mails/{(long?)mail?["id"]}");

        Assert.Equal("Grüße: Lauf fertig", (string?)mail?["subject"]);
        Assert.Equal("first\n.\n..two dots\nlast", ((string?)mail?["text"])?.ReplaceLineEndings("\n").TrimEnd());
        Assert.Equal("<b>hello</b>", ((string?)mail?["html"])?.TrimEnd());
        Assert.Equal("sender@example.com", (string?)mail?["from"]);
        Assert.Equal(["one@example.com", "two@example.com"], (mail?["to"]?.AsArray() ?? []).Select(to => (string?)to));
        Assert.Equal("1", (string?)mail?["headers"]?["X-Test"]);
        Assert.Equal("message/rfc822", raw.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(450)]
    [InlineData(550)]
    public async Task A_refusal_before_delivery_stores_no_mail(int status)
    {
        await using var simulator = await StartAsync();
        await FaultTests.FaultAsync(simulator, $$"""{"operation":"Smtp","status":{{status}},"count":1}""");

        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(simulator));
        var empty = await simulator.ReadAsync("/inbox");
        await SendAsync(simulator);

        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Empty(empty["mails"]?.AsArray() ?? []);
        Assert.Single((await simulator.ReadAsync("/inbox"))["mails"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task A_refusal_after_delivery_stores_the_mail()
    {
        await using var simulator = await StartAsync();
        await FaultTests.FaultAsync(simulator, """{"operation":"Smtp","status":451,"when":"after","count":1}""");

        await Assert.ThrowsAsync<SmtpCommandException>(() => SendAsync(simulator));

        Assert.Single((await simulator.ReadAsync("/inbox"))["mails"]?.AsArray() ?? []);
    }

    [Theory]
    [InlineData("""{"operation":"Smtp","status":421,"count":1}""", 0)]
    [InlineData("""{"operation":"Smtp","kind":"reset","count":1}""", 0)]
    [InlineData("""{"operation":"Smtp","kind":"timeout","delay":"10ms","count":1}""", 0)]
    [InlineData("""{"operation":"Smtp","kind":"reset","when":"after","count":1}""", 1)]
    public async Task A_reset_or_unavailable_server_ends_the_session(string fault, int mails)
    {
        await using var simulator = await StartAsync();
        await FaultTests.FaultAsync(simulator, fault);

        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(simulator));
        await SendAsync(simulator);

        Assert.Equal(mails + 1, (await simulator.ReadAsync("/inbox"))["mails"]?.AsArray().Count);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_slow_server_accepts_the_mail(string when)
    {
        await using var simulator = await StartAsync();
        await FaultTests.FaultAsync(simulator, $$"""{"operation":"Smtp","kind":"delay","delay":"20ms","when":"{{when}}","count":1}""");

        await SendAsync(simulator);

        Assert.Single((await simulator.ReadAsync("/inbox"))["mails"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task A_slow_server_accepts_every_mail_of_a_session()
    {
        await using var simulator = await StartAsync();
        await FaultTests.FaultAsync(simulator, """{"operation":"Smtp","kind":"delay","delay":"20ms"}""");
        const string mail = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: hi\r\n\r\nhello\r\n.\r\n";

        var codes = await SendCommandsAsync(simulator, $"HELO me\r\n{mail}{mail}QUIT\r\n");

        Assert.Equal([220, 250, 250, 250, 354, 250, 250, 250, 354, 250, 221], codes);
        Assert.Equal(2, (await simulator.ReadAsync("/inbox"))["mails"]?.AsArray().Count);
    }

    [Fact]
    public async Task A_fault_after_delivery_is_kept_until_a_mail_is_delivered()
    {
        await using var simulator = await StartAsync();
        await FaultTests.FaultAsync(simulator, """{"operation":"Smtp","status":451,"when":"after","count":1}""");
        const string envelope = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";

        var codes = await SendCommandsAsync(simulator, $"HELO me\r\n{envelope}RSET\r\n{envelope}DATA\r\nSubject: hi\r\n\r\nhello\r\n.\r\nQUIT\r\n");

        Assert.Equal([220, 250, 250, 250, 250, 250, 250, 354, 451, 221], codes);
        Assert.Single((await simulator.ReadAsync("/inbox"))["mails"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task Commands_that_are_unknown_or_out_of_order_are_answered_with_the_codes_of_SMTP()
    {
        await using var simulator = await StartAsync();
        var lines = new[]
        {
            "MAIL FROM:<a@b>", "HELO me", "RCPT TO:<a@b>", "DATA", "MAIL FROM:a", "MAIL FROM:<> SIZE=99999999999", "MAIL FROM:<>", "MAIL FROM:<>",
            "RCPT TO:nobody", "NOOP", "VRFY x", "RSET", "TURN", new string('x', 3_000), "QUIT",
        };

        var codes = await SendCommandsAsync(simulator, string.Concat(lines.Select(line => line + "\r\n")));

        Assert.Equal([220, 503, 250, 503, 503, 501, 552, 250, 503, 501, 250, 252, 250, 500, 500, 221], codes);
    }

    [Fact]
    public async Task Pipelined_commands_bare_line_feeds_and_leading_dots_are_accepted()
    {
        await using var simulator = await StartAsync();

        var codes = await SendCommandsAsync(simulator, "EHLO me\nMAIL FROM:<a@b.c> BODY=8BITMIME\nRCPT TO:<d@e.f>\nDATA\nSubject: hi\n\n..dot\n.\nQUIT\n");
        var mail = (await simulator.ReadAsync("/inbox"))["mails"]?[0];

        Assert.Equal([220, 250, 250, 250, 250, 250, 250, 250, 354, 250, 221], codes);
        Assert.Equal(".dot", ((string?)mail?["text"])?.TrimEnd());
    }

    [Fact]
    public async Task A_mail_over_the_limit_is_read_to_its_end_and_refused()
    {
        await using var simulator = await StartAsync(("SmtpMaxMessageBytes", "1024"));

        var codes = await SendCommandsAsync(simulator, $"HELO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n{new string('x', 3_000)}\r\n{new string('y', 900)}\r\n{new string('y', 900)}\r\n.\r\nQUIT\r\n");

        Assert.Equal([220, 250, 250, 250, 354, 552, 221], codes);
        Assert.Empty((await simulator.ReadAsync("/inbox"))["mails"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task A_stopping_simulator_closes_SMTP_connections()
    {
        var simulator = await StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, await PortAsync(simulator), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var welcome = await reader.ReadLineAsync(TestContext.Current.CancellationToken);

        await simulator.DisposeAsync();
        var end = await reader.ReadLineAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("220", welcome, StringComparison.Ordinal);
        Assert.Null(end);
    }

    [Fact]
    public async Task A_stop_right_after_the_start_is_not_logged_as_an_error()
    {
        // The server stops many times, because the accept loop begins on another thread. It can begin before, during or after the stop.
        var service = await RunningService.StartAsync(
            configure => SimulatorService.Create([], configure),
            [new("Simulator:SmtpPort", "0")],
            TestContext.Current.CancellationToken);
        for (var count = 0; count < 500; count++)
        {
            using var server = ActivatorUtilities.CreateInstance<SmtpServer>(service.Services, new SmtpEndpoint());
            await server.StartAsync(TestContext.Current.CancellationToken);
            await server.StopAsync(TestContext.Current.CancellationToken);
        }

        await service.DisposeAsync();

        Assert.DoesNotContain(service.Logs, log => log.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_connection_with_too_many_errors_or_without_input_is_closed()
    {
        await using var simulator = await StartAsync(("SmtpIdleTimeout", "00:00:00.200"));

        var errs = await SendCommandsAsync(simulator, string.Concat(Enumerable.Repeat("WHAT\r\n", 20)));
        var silent = await SendCommandsAsync(simulator, "NOOP\r\nDATA with no end");

        Assert.Equal(421, errs[^1]);
        Assert.Equal([220, 250], silent);
    }

    internal static async Task SendAsync(RunningSimulator simulator, string subject = "hi", string text = "hello", (string Name, string Value)? header = null)
    {
        using var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse("sender@example.com"));
        message.To.Add(MailboxAddress.Parse("one@example.com"));
        message.Cc.Add(MailboxAddress.Parse("two@example.com"));
        message.Subject = subject;
        message.Headers.Add("X-Test", "1");
        if (header is var (name, value))
        {
            message.Headers.Add(name, value);
        }

        message.Body = new BodyBuilder { TextBody = text, HtmlBody = "<b>hello</b>" }.ToMessageBody();

        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", await PortAsync(simulator), MailKit.Security.SecureSocketOptions.None, TestContext.Current.CancellationToken);
        await client.SendAsync(message, TestContext.Current.CancellationToken);
        await client.DisconnectAsync(true, TestContext.Current.CancellationToken);
    }

    private static async Task<List<int>> SendCommandsAsync(RunningSimulator simulator, string words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, await PortAsync(simulator), TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(words), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var codes = new List<int>();
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            codes.Add(int.Parse(line.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture));
        }

        return codes;
    }

    private static async Task<int> PortAsync(RunningSimulator simulator) => (int?)(await simulator.ReadAsync("/state"))["smtpPort"] ?? 0;
}
