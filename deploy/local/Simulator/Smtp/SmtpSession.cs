using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Faults;

namespace MLEvents.Local.Simulator.Smtp;

/// <summary>One SMTP session, the server side of RFC 5321, with SIZE, 8BITMIME, SMTPUTF8 and PIPELINING.</summary>
internal sealed partial class SmtpSession(TcpClient client, SmtpStream lines, SmtpMailbox mailbox, SimulatorOptions options)
{
    private const int MaxCommandLength = 2_048;
    private const int MaxRecipients = 100;
    private const int MaxErrors = 20;
    private readonly List<string> _recipients = [];
    private Fault? _fault;
    private string? _sender;
    private bool _greeted;
    private bool _isReused;
    private int _errors;

    /// <summary>Serves the client until it quits, disconnects or causes too many errors, or until a fault ends the session.</summary>
    /// <exception cref="TimeoutException">The client sent nothing within the idle time-out.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _fault = mailbox.TakeFault();
        if (!await WelcomeAsync(cancellationToken))
        {
            return;
        }

        while (_errors < MaxErrors)
        {
            var (line, ended) = await lines.ReadLineAsync(MaxCommandLength, cancellationToken);
            if (ended || !await DispatchAsync(line is null ? null : Encoding.UTF8.GetString(line), cancellationToken))
            {
                return;
            }
        }

        await ReplyAsync(421, "Too many errors", cancellationToken);
    }

    private async Task<bool> WelcomeAsync(CancellationToken cancellationToken)
    {
        if (!await StaysConnectedAsync(cancellationToken))
        {
            return false;
        }

        switch (_fault)
        {
            case { After: false, Kind: Fault.StatusKind, Status: 421 }:
                mailbox.Count("connection", 421, false, _fault);
                await ReplyAsync(421, "Service not available, closing transmission channel", cancellationToken);
                return false;
            default:
                await ReplyAsync(220, "simulator.local ESMTP", cancellationToken);
                return true;
        }
    }

    // Applies a fault that acts before the answer and is not a status. A delay only waits. A reset closes the connection at once. A time-out waits and then
    // closes the connection.
    private async Task<bool> StaysConnectedAsync(CancellationToken cancellationToken)
    {
        if (_fault is not { After: false, Kind: not Fault.StatusKind } early)
        {
            return true;
        }

        await mailbox.WaitAsync(early.Delay ?? TimeSpan.FromSeconds(early.Kind == Fault.Timeout ? 300 : 1), cancellationToken, early.Kind != Fault.Reset);
        if (early.Kind == Fault.Late)
        {
            _fault = null;
            return true;
        }

        mailbox.Count("connection", 0, false, early);
        ResetConnection();
        return false;
    }

    // Returns whether the session continues.
    private async Task<bool> DispatchAsync(string? line, CancellationToken cancellationToken)
    {
        if (line is null)
        {
            return await RefuseAsync(500, "Line too long", cancellationToken);
        }

        var verb = line.Split(' ')[0].ToUpperInvariant();
        switch (verb)
        {
            case "EHLO" or "HELO":
                return await HelloAsync(verb, cancellationToken);
            case "MAIL":
                return await MailAsync(line, cancellationToken);
            case "RCPT":
                return await RecipientAsync(line, cancellationToken);
            case "DATA":
                return await DataAsync(cancellationToken);
            case "RSET":
                Reset();
                return await ReplyAsync(250, "OK", cancellationToken);
            case "NOOP":
                return await ReplyAsync(250, "OK", cancellationToken);
            case "VRFY":
                return await ReplyAsync(252, "Cannot verify, but will accept mail", cancellationToken);
            case "QUIT":
                await ReplyAsync(221, "Bye", cancellationToken);
                return false;
            default:
                return await RefuseAsync(500, "Command not recognized", cancellationToken);
        }
    }

    private async Task<bool> HelloAsync(string verb, CancellationToken cancellationToken)
    {
        _greeted = true;
        Reset();
        var size = string.Create(CultureInfo.InvariantCulture, $"SIZE {options.SmtpMaxMessageBytes}");
        string[] reply = verb == "HELO" ? ["simulator.local"] : ["simulator.local", size, "8BITMIME", "SMTPUTF8", "PIPELINING"];
        await lines.ReplyAsync(250, cancellationToken, reply);
        return true;
    }

    private async Task<bool> MailAsync(string line, CancellationToken cancellationToken)
    {
        var match = From().Match(line);
        if (!_greeted || _sender is not null)
        {
            return await RefuseAsync(503, "Bad sequence of commands", cancellationToken);
        }

        if (!match.Success)
        {
            return await RefuseAsync(501, "Syntax: MAIL FROM:<address>", cancellationToken);
        }

        if (long.TryParse(match.Groups["size"].Value, CultureInfo.InvariantCulture, out var size) && size > options.SmtpMaxMessageBytes)
        {
            return await RefuseAsync(552, "Message exceeds the maximum size", cancellationToken);
        }

        if (_isReused)
        {
            // The first mail uses the fault of the session. Each further mail uses the fault that is left from a mail that the client did not finish, or else takes the next fault.
            _fault ??= mailbox.TakeFault();
            if (!await StaysConnectedAsync(cancellationToken))
            {
                return false;
            }
        }

        _isReused = true;
        if (_fault is { After: false } fault)
        {
            _fault = null;
            mailbox.Count(match.Groups["address"].Value, fault.Status, false, fault);
            return await ReplyAsync(fault.Status, "The simulator was asked to refuse this mail", cancellationToken);
        }

        _sender = match.Groups["address"].Value;
        return await ReplyAsync(250, "OK", cancellationToken);
    }

    private async Task<bool> RecipientAsync(string line, CancellationToken cancellationToken)
    {
        var match = To().Match(line);
        if (_sender is null)
        {
            return await RefuseAsync(503, "MAIL first", cancellationToken);
        }

        if (!match.Success)
        {
            return await RefuseAsync(501, "Syntax: RCPT TO:<address>", cancellationToken);
        }

        if (_recipients.Count == MaxRecipients)
        {
            return await RefuseAsync(452, "Too many recipients", cancellationToken);
        }

        _recipients.Add(match.Groups["address"].Value);
        return await ReplyAsync(250, "OK", cancellationToken);
    }

    private async Task<bool> DataAsync(CancellationToken cancellationToken)
    {
        if (_recipients.Count == 0)
        {
            return await RefuseAsync(503, "RCPT first", cancellationToken);
        }

        await ReplyAsync(354, "End data with <CR><LF>.<CR><LF>", cancellationToken);
        var (raw, ended) = await ReadMessageAsync(cancellationToken);
        if (ended)
        {
            return false;
        }

        var (sender, recipients) = (_sender ?? "", _recipients.ToList());
        Reset();
        if (raw is null)
        {
            return await RefuseAsync(552, "Message exceeds the maximum size", cancellationToken);
        }

        mailbox.Deliver(sender, recipients, raw);
        return await AcceptedAsync(sender, cancellationToken);
    }

    private async Task<bool> AcceptedAsync(string sender, CancellationToken cancellationToken)
    {
        var fault = _fault;
        _fault = null;
        mailbox.Count(sender, fault is null ? 250 : fault.Kind == Fault.StatusKind ? fault.Status : 0, true, fault);
        switch (fault?.Kind)
        {
            case null:
                return await ReplyAsync(250, "OK", cancellationToken);
            case Fault.StatusKind:
                return await ReplyAsync(fault.Status, "The simulator was asked to fail after accepting this mail", cancellationToken);
            case Fault.Late:
                await mailbox.WaitAsync(fault.Delay ?? TimeSpan.FromSeconds(1), cancellationToken);
                return await ReplyAsync(250, "OK", cancellationToken);
            default:
                await mailbox.WaitAsync(fault.Delay ?? TimeSpan.FromMinutes(5), cancellationToken, fault.Kind == Fault.Timeout);
                ResetConnection();
                return false;
        }
    }

    // Returns null for a message that is too long. Such a message is read to its end, because a client reads the reply only after it has sent the whole message.
    private async Task<(byte[]? Raw, bool Ended)> ReadMessageAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var tooLong = false;
        while (true)
        {
            var (line, ended) = await lines.ReadLineAsync(options.SmtpMaxMessageBytes, cancellationToken);
            if (ended)
            {
                return (null, true);
            }

            if (line is [(byte)'.'])
            {
                return (tooLong ? null : message.ToArray(), false);
            }

            tooLong |= line is null || message.Length + line.Length + 2 > options.SmtpMaxMessageBytes;
            if (!tooLong && line is not null)
            {
                // RFC 5321, 4.5.2: the sender doubles a leading dot.
                message.Write(line is [(byte)'.', .. var rest] ? rest : line);
                message.Write("\r\n"u8);
            }
        }
    }

    private async Task<bool> ReplyAsync(int code, string text, CancellationToken cancellationToken)
    {
        await lines.ReplyAsync(code, cancellationToken, text);
        return true;
    }

    private Task<bool> RefuseAsync(int code, string text, CancellationToken cancellationToken)
    {
        _errors++;
        return ReplyAsync(code, text, cancellationToken);
    }

    private void Reset()
    {
        _sender = null;
        _recipients.Clear();
    }

    // Closing without linger sends a TCP reset.
    private void ResetConnection() => client.LingerState = new(true, 0);

    [GeneratedRegex(@"^MAIL FROM:\s*<(?<address>[^<>\s]*)>(?:.*\bSIZE=(?<size>\d{1,18}))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex From();

    [GeneratedRegex(@"^RCPT TO:\s*<(?<address>[^<>\s]+)>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex To();
}
