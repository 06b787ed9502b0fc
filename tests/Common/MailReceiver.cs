using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace MLEvents.Tests.Common;

/// <summary>A mail as a server received it.</summary>
/// <param name="Sender">The address in <c>MAIL FROM</c>.</param>
/// <param name="Recipients">The addresses in <c>RCPT TO</c>.</param>
/// <param name="Content">The received header and body, unchanged.</param>
public sealed record ReceivedMail(string Sender, IReadOnlyList<string> Recipients, string Content);

/// <summary>An SMTP server on a free loopback port. The test can set its answers.</summary>
public sealed class MailReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ReceivedMail> _mails = Channel.CreateUnbounded<ReceivedMail>();
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;

    private MailReceiver(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The mails so far, in the order of their arrival.</summary>
    public ChannelReader<ReceivedMail> Mails => _mails.Reader;

    /// <summary>The commands so far.</summary>
    public IReadOnlyCollection<string> Commands => _commands;

    /// <summary>Returns the answer to a line; null for the default answer, empty for no answer. The line is <c>CONNECT</c> for the greeting and <c>.</c> for the end of data.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    /// <summary>Whether the server closes the connection after its reply to each mail, without a further reply.</summary>
    public bool ClosesAfterMail { get; set; }

    /// <summary>Starts a server.</summary>
    /// <param name="port">The port, 0 for any free port.</param>
    public static MailReceiver Start(int port = 0) => new(port);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_sessions);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                _sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.UTF8, leaveOpen: true);
                await new MailSession(client.GetStream(), reader, Answer, () => ClosesAfterMail, _commands.Enqueue, _mails.Writer).RunAsync(_stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client has closed the connection, or the test is over.
        }
    }
}

/// <summary>One connection to a <see cref="MailReceiver"/>.</summary>
internal sealed class MailSession(Stream stream, StreamReader reader, Func<string, string?> answer, Func<bool> closesAfterMail, Action<string> seen, ChannelWriter<ReceivedMail> mails)
{
    private readonly List<string> _recipients = [];
    private string _sender = "";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await WriteLineAsync(answer("CONNECT") ?? "220 receiver", cancellationToken);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            seen(line);
            var said = answer(line) ?? Usual(line);
            await WriteLineAsync(said, cancellationToken);
            Note(line, said);
            if (said.StartsWith("354", StringComparison.Ordinal))
            {
                await TakeAsync(cancellationToken);
                if (closesAfterMail())
                {
                    return;
                }
            }

            if (said.StartsWith("221", StringComparison.Ordinal) || said.StartsWith("421", StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private static string Usual(string line) => line.Split(' ', ':')[0].ToUpperInvariant() switch
    {
        "EHLO" => "250-receiver\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n250 SMTPUTF8",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 OK",
    };

    private void Note(string line, string said)
    {
        if (!said.StartsWith('2'))
        {
            return;
        }

        if (line.StartsWith("MAIL FROM:", StringComparison.OrdinalIgnoreCase))
        {
            _sender = PathOf(line);
            _recipients.Clear();
        }
        else if (line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase))
        {
            _recipients.Add(PathOf(line));
        }
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        var content = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line && line != ".")
        {
            content.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        var said = answer(".") ?? "250 queued";
        if (said.StartsWith('2'))
        {
            mails.TryWrite(new ReceivedMail(_sender, [.. _recipients], content.ToString()));
        }

        await WriteLineAsync(said, cancellationToken);
    }

    private async Task WriteLineAsync(string said, CancellationToken cancellationToken)
    {
        if (said.Length > 0)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"{said}\r\n"), cancellationToken);
        }
    }

    private static string PathOf(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
}
