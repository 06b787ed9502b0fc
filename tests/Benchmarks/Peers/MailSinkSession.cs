using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Benchmarks.Peers;

/// <summary>One SMTP session of the sink. It accepts every user, and every mail unless the server is busy.</summary>
/// <param name="accepted">Called with the id of the event when its mail is accepted.</param>
/// <param name="isBusy">Whether mails are refused for now.</param>
internal sealed partial class MailSinkSession(Action<string> accepted, Func<bool> isBusy)
{
    private bool _isData;
    private string? _id;

    public bool HasQuit { get; private set; }

    /// <summary>Handles a line without its line end, and writes the answer if there is one.</summary>
    public void Handle(string line, IBufferWriter<byte> answers)
    {
        var answer = _isData ? Data(line) : Command(line);
        if (answer.Length > 0)
        {
            Encoding.Latin1.GetBytes(answer + "\r\n", answers);
        }
    }

    private string Data(string line)
    {
        if (line != ".")
        {
            _id ??= EventId().Match(line) is { Success: true } found ? found.Value : null;
            return "";
        }

        if (_id is { } id)
        {
            accepted(id);
        }

        (_isData, _id) = (false, null);
        return "250 accepted";
    }

    private string Command(string line)
    {
        switch (line.Split(' ')[0].ToUpperInvariant())
        {
            case "EHLO":
                return "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 35000000";
            case "MAIL" when isBusy():
                return "451 busy";
            case "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP":
                return "250 ok";
            case "DATA":
                _isData = true;
                return "354 go on";
            case "AUTH" when line.EndsWith("LOGIN", StringComparison.OrdinalIgnoreCase):
                return "334 VXNlcm5hbWU6";
            case "QUIT":
                HasQuit = true;
                return "221 bye";
            default:
                // AUTH PLAIN, and the base64 lines of AUTH LOGIN.
                return "235 ok";
        }
    }

    [GeneratedRegex("evt-[0-9a-z]+-[0-9]+")]
    private static partial Regex EventId();
}
