using System.Globalization;
using Microsoft.Extensions.Options;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Control;

/// <summary>Mails and webhook calls that arrived. Keeps the last <see cref="Most"/> of each, within <see cref="MostBytes"/>.</summary>
internal sealed class Inbox
{
    /// <summary>How many mails and how many hooks are kept.</summary>
    public const int Most = 50_000;

    /// <summary>How many bytes of mails and how many of hooks are kept.</summary>
    public const long MostBytes = 512L << 20;

    private const string MailKind = "mail";
    private const string HookKind = "hook";
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly Timeline _timeline;
    private readonly SimulatorOptions _options;
    private readonly BoundedQueue<(Mail Mail, byte[] Raw)> _mails = new(Most, MostBytes, item => item.Raw.Length);
    private readonly BoundedQueue<WebhookCall> _hooks = new(Most, MostBytes, hook => hook.Body.Length);
    private long _last;

    /// <summary>An inbox with what an earlier process left.</summary>
    public Inbox(Journal journal, TimeProvider time, Timeline timeline, IOptions<SimulatorOptions> options)
    {
        (_journal, _time, _timeline, _options) = (journal, time, timeline, options.Value);
        foreach (var (id, from, to, raw, received) in journal.Restored<StoredMail>(MailKind))
        {
            _last = Math.Max(_last, id);
            _mails.Add((MailReader.Read(id, from, to, raw, received), raw));
        }

        foreach (var hook in journal.Restored<WebhookCall>(HookKind))
        {
            _last = Math.Max(_last, hook.Id);
            _hooks.Add(hook);
        }
    }

    /// <summary>How many mails and hooks made room for later ones.</summary>
    public (int Mails, int Hooks) Dropped => (_mails.Dropped, _hooks.Dropped);

    /// <summary>Adds a mail, read from its raw bytes. It is kept when this returns.</summary>
    public void Add(string from, IReadOnlyList<string> to, byte[] raw)
    {
        var read = MailReader.Read(0, from, to, raw, _time.GetUtcNow());
        _journal.Together(() =>
        {
            var mail = read with { Id = ++_last };
            _journal.Put(MailKind, Key(mail.Id), new StoredMail(mail.Id, from, to, raw, mail.ReceivedAt));
            _mails.Add((mail, raw)).ForEach(old => _journal.Remove(MailKind, Key(old.Mail.Id)));
        });
        _timeline.Add("mail.received", read.Subject ?? "", read.Headers.GetValueOrDefault(_options.CorrelationHeader), string.Join(", ", to));
    }

    /// <summary>Adds a webhook call. It is kept when this returns.</summary>
    public void Add(string name, IReadOnlyDictionary<string, string> headers, string body)
    {
        _journal.Together(() =>
        {
            var hook = new WebhookCall(++_last, name, headers, body, _time.GetUtcNow());
            _journal.Put(HookKind, Key(hook.Id), hook);
            _hooks.Add(hook).ForEach(old => _journal.Remove(HookKind, Key(old.Id)));
        });
        _timeline.Add("hook.received", name);
    }

    /// <summary>The mails with a higher number that contain a text in their subject, bodies or recipients; all when both are null.</summary>
    public IReadOnlyList<Mail> Mails(string? contains = null, long? after = null) =>
        [.. Snapshot(_mails).Select(item => item.Mail).Where(mail => mail.Id > (after ?? 0) && Holds(contains, [mail.Subject, mail.Text, mail.Html, mail.From, .. mail.To]))];

    /// <summary>The hooks with a higher number that contain a text in their name or body; all when both are null.</summary>
    public IReadOnlyList<WebhookCall> Hooks(string? contains = null, long? after = null) => [.. Snapshot(_hooks).Where(hook => hook.Id > (after ?? 0) && Holds(contains, [hook.Name, hook.Body]))];

    /// <summary>The bytes of a mail, or null.</summary>
    public byte[]? Raw(long id) => Snapshot(_mails).Where(item => item.Mail.Id == id).Select(item => item.Raw).FirstOrDefault();

    /// <summary>Empties the inbox.</summary>
    public void Clear() => _journal.Together(() =>
    {
        foreach (var (mail, _) in _mails.Items)
        {
            _journal.Remove(MailKind, Key(mail.Id));
        }

        foreach (var hook in _hooks.Items)
        {
            _journal.Remove(HookKind, Key(hook.Id));
        }

        _mails.Clear();
        _hooks.Clear();
    });

    private static string Key(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static bool Holds(string? wanted, IEnumerable<string?> texts) =>
        wanted is null || texts.Any(text => text is not null && text.Contains(wanted, StringComparison.OrdinalIgnoreCase));

    // Texts are searched outside the gate, which everything else waits for.
    private T[] Snapshot<T>(BoundedQueue<T> items)
    {
        lock (_journal.Gate)
        {
            return [.. items.Items];
        }
    }

    private sealed record StoredMail(long Id, string From, IReadOnlyList<string> To, byte[] Raw, DateTimeOffset ReceivedAt);
}
