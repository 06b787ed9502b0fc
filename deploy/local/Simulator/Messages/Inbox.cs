using System.Globalization;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Messages;

/// <summary>Received mails and webhook calls. Of each of these two kinds, the last <see cref="MaxItems"/> items are stored, up to a total size of <see cref="MaxBytes"/>.</summary>
internal sealed class Inbox
{
    /// <summary>Maximum number of mails and of webhook calls.</summary>
    public const int MaxItems = 50_000;

    /// <summary>Maximum size of all stored mails, in bytes, and of the bodies of all stored webhook calls, in characters.</summary>
    public const long MaxBytes = 512L << 20;

    private const string MailKind = "mail";
    private const string HookKind = "hook";
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly Timeline _timeline;
    private readonly SimulatorOptions _options;
    private readonly BoundedQueue<(Mail Mail, byte[] Raw)> _mails = new(MaxItems, MaxBytes, item => item.Raw.Length);
    private readonly BoundedQueue<WebhookCall> _hooks = new(MaxItems, MaxBytes, hook => hook.Body.Length);
    private long _last;

    /// <summary>Creates the inbox with the messages of an earlier process.</summary>
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

    /// <summary>Number of mails and webhook calls removed to make room.</summary>
    public (int Mails, int Hooks) Dropped => (_mails.Dropped, _hooks.Dropped);

    /// <summary>Adds a mail from its raw bytes. The mail is stored when this method returns.</summary>
    public void Add(string from, IReadOnlyList<string> to, byte[] raw)
    {
        var read = MailReader.Read(0, from, to, raw, _time.GetUtcNow());
        _journal.Commit(() =>
        {
            var mail = read with { Id = ++_last };
            _journal.Put(MailKind, Key(mail.Id), new StoredMail(mail.Id, from, to, raw, mail.ReceivedAt));
            _mails.Add((mail, raw)).ForEach(old => _journal.Remove(MailKind, Key(old.Mail.Id)));
        });
        _timeline.Add("mail.received", read.Subject ?? "", read.Headers.GetValueOrDefault(_options.CorrelationHeader), string.Join(", ", to));
    }

    /// <summary>Adds a webhook call. The call is stored when this method returns.</summary>
    public void Add(string name, IReadOnlyDictionary<string, string> headers, string body)
    {
        _journal.Commit(() =>
        {
            var hook = new WebhookCall(++_last, name, headers, body, _time.GetUtcNow());
            _journal.Put(HookKind, Key(hook.Id), hook);
            _hooks.Add(hook).ForEach(old => _journal.Remove(HookKind, Key(old.Id)));
        });
        _timeline.Add("hook.received", name);
    }

    /// <summary>The mails whose id is greater than <paramref name="after"/> and whose subject, bodies, sender or recipients contain <paramref name="contains"/>. A null parameter does not filter.</summary>
    public IReadOnlyList<Mail> Mails(string? contains = null, long? after = null) =>
        [.. Snapshot(_mails).Select(item => item.Mail).Where(mail => mail.Id > (after ?? 0) && ContainsText(contains, [mail.Subject, mail.Text, mail.Html, mail.From, .. mail.To]))];

    /// <summary>The webhook calls whose id is greater than <paramref name="after"/> and whose name or body contains <paramref name="contains"/>. A null parameter does not filter.</summary>
    public IReadOnlyList<WebhookCall> Hooks(string? contains = null, long? after = null) => [.. Snapshot(_hooks).Where(hook => hook.Id > (after ?? 0) && ContainsText(contains, [hook.Name, hook.Body]))];

    /// <summary>The bytes of a mail; null if the inbox does not contain the mail.</summary>
    public byte[]? Raw(long id) => Snapshot(_mails).Where(item => item.Mail.Id == id).Select(item => item.Raw).FirstOrDefault();

    /// <summary>Empties the inbox.</summary>
    public void Clear() => _journal.Commit(() =>
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

    private static bool ContainsText(string? wanted, IEnumerable<string?> texts) =>
        wanted is null || texts.Any(text => text is not null && text.Contains(wanted, StringComparison.OrdinalIgnoreCase));

    // The search runs on a copy, outside the lock, so that it does not block other work.
    private T[] Snapshot<T>(BoundedQueue<T> items)
    {
        lock (_journal.Gate)
        {
            return [.. items.Items];
        }
    }

    internal sealed record StoredMail(long Id, string From, IReadOnlyList<string> To, byte[] Raw, DateTimeOffset ReceivedAt);
}
