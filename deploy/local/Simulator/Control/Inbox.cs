using Microsoft.Extensions.Options;

namespace MLEvents.Local.Simulator.Control;

/// <summary>A mail that arrived.</summary>
/// <param name="Id">Its number in the inbox.</param>
/// <param name="From">The envelope's sender.</param>
/// <param name="To">The envelope's recipients.</param>
/// <param name="Subject">The decoded subject.</param>
/// <param name="Headers">All headers; repeated ones joined by new lines.</param>
/// <param name="Text">The plain-text part, or null.</param>
/// <param name="Html">The HTML part, or null.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="RawSize">Its size in bytes.</param>
internal sealed record Mail(
    long Id, string From, IReadOnlyList<string> To, string? Subject, IReadOnlyDictionary<string, string> Headers, string? Text, string? Html, DateTimeOffset ReceivedAt, int RawSize);

/// <summary>A call of a webhook.</summary>
/// <param name="Id">Its number in the inbox.</param>
/// <param name="Name">The hook's name.</param>
/// <param name="Headers">The request's headers.</param>
/// <param name="Body">The body as text.</param>
/// <param name="ReceivedAt">When it arrived.</param>
internal sealed record Hook(long Id, string Name, IReadOnlyDictionary<string, string> Headers, string Body, DateTimeOffset ReceivedAt);

/// <summary>Mails and webhook calls that arrived. Keeps the last <see cref="Kept"/> of each, within <see cref="KeptBytes"/>.</summary>
internal sealed class Inbox(TimeProvider time, Timeline timeline, IOptions<SimulatorOptions> options)
{
    /// <summary>How many mails and how many hooks are kept.</summary>
    public const int Kept = 1_000;

    /// <summary>How many bytes of mails and how many of hooks are kept.</summary>
    public const long KeptBytes = 64L << 20;

    private readonly Lock _gate = new();
    private readonly Recent<(Mail Mail, byte[] Raw)> _mails = new(Kept, KeptBytes, item => item.Raw.Length);
    private readonly Recent<Hook> _hooks = new(Kept, KeptBytes, hook => hook.Body.Length);
    private long _last;

    /// <summary>Adds a mail, read from its raw bytes.</summary>
    public void Add(string from, IReadOnlyList<string> to, byte[] raw)
    {
        Mail mail;
        lock (_gate)
        {
            mail = MailReader.Read(++_last, from, to, raw, time.GetUtcNow());
            _mails.Add((mail, raw));
        }

        timeline.Add("mail.received", mail.Subject ?? "", mail.Headers.GetValueOrDefault(options.Value.CorrelationHeader), string.Join(", ", to));
    }

    /// <summary>Adds a webhook call.</summary>
    public void Add(string name, IReadOnlyDictionary<string, string> headers, string body)
    {
        lock (_gate)
        {
            _hooks.Add(new(++_last, name, headers, body, time.GetUtcNow()));
        }

        timeline.Add("hook.received", name);
    }

    /// <summary>The mails that contain a text in their subject, bodies or recipients; all when it is null.</summary>
    public IReadOnlyList<Mail> Mails(string? contains)
    {
        lock (_gate)
        {
            return [.. _mails.Items.Select(item => item.Mail).Where(mail => Holds(contains, [mail.Subject, mail.Text, mail.Html, mail.From, .. mail.To]))];
        }
    }

    /// <summary>The hooks that contain a text in their name or body; all when it is null.</summary>
    public IReadOnlyList<Hook> Hooks(string? contains)
    {
        lock (_gate)
        {
            return [.. _hooks.Items.Where(hook => Holds(contains, [hook.Name, hook.Body]))];
        }
    }

    /// <summary>The bytes of a mail, or null.</summary>
    public byte[]? Raw(long id)
    {
        lock (_gate)
        {
            return _mails.Items.Where(item => item.Mail.Id == id).Select(item => item.Raw).FirstOrDefault();
        }
    }

    /// <summary>Empties the inbox.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _mails.Clear();
            _hooks.Clear();
        }
    }

    private static bool Holds(string? wanted, IEnumerable<string?> texts) =>
        wanted is null || texts.Any(text => text is not null && text.Contains(wanted, StringComparison.OrdinalIgnoreCase));
}
