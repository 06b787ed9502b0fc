using System.Security.Cryptography;
using System.Text;

using MimeKit;

using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Email;

/// <summary>Composes the mail of an alert.</summary>
internal static class MailComposer
{
    /// <summary>The header that carries the action's id.</summary>
    public const string ActionHeader = "X-MLEvents-Action";

    /// <summary>The header that carries the chain's correlation id.</summary>
    public const string CorrelationHeader = "X-MLEvents-Correlation";

    // Bytes of UTF-8 in one encoded word: 45 bytes are 60 characters of base64, and 12 characters of markup surround them. RFC 2047 allows 75 characters for a word.
    private const int MaxEncodedWordLength = 45;

    /// <summary>
    /// Composes the mail of an action. All attempts have the same Message-ID, so mail clients can show duplicates as one mail. The mail of an operator's retry has
    /// a new Message-ID.
    /// </summary>
    /// <exception cref="ParseException">A recipient is not an e-mail address.</exception>
    public static MimeMessage Compose(MailPlan plan, ActionRecord record, MailboxAddress from)
    {
        var domain = MailboxAddress.EncodeAddrspec(from.Address).Split('@')[^1];
        var root = $"{Hash(plan.Thread is { Length: > 0 } thread ? $"thread\n{thread}" : record.CorrelationId)}@{domain}";
        var message = new MimeMessage
        {
            Subject = OneLine(plan.Subject),
            Date = record.CreatedAt,
            MessageId = $"{record.RemoteId}@{domain}",
            InReplyTo = root,
            Body = new BodyBuilder { TextBody = plan.Text, HtmlBody = plan.Html }.ToMessageBody(),
        };
        message.From.Add(from);
        message.To.AddRange(plan.To.Select(Recipient));
        message.Cc.AddRange(plan.Cc.Select(Recipient));
        message.Bcc.AddRange(plan.Bcc.Select(Recipient));

        // No mail has this id. It identifies the chain or the rule's thread, so that a mail client groups all alerts of the thread, whatever their order of
        // arrival.
        message.References.Add(root);
        message.Headers.Add(ActionHeader, record.Id);
        message.Headers.Add(CorrelationHeader, OneLine(record.CorrelationId));
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }

    private static MailboxAddress Recipient(string text)
    {
        var mailbox = MailboxAddress.Parse(text);
        if (mailbox.Name is { } name && !Ascii.IsValid(name))
        {
            mailbox.Name = EncodedWords(name);
        }

        return mailbox;
    }

    // Encodes the whole name as encoded words (RFC 2047). MimeKit encodes only the words that need it, and quotes words with a comma. Some mail clients show
    // these quotes.
    private static string EncodedWords(string name)
    {
        var (words, chunk) = (new List<string>(), new StringBuilder());
        foreach (var rune in name.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(chunk.ToString()) + rune.Utf8SequenceLength > MaxEncodedWordLength)
            {
                words.Add(EncodedWord(chunk.ToString()));
                chunk.Clear();
            }

            chunk.Append(rune.ToString());
        }

        return string.Join(' ', words.Append(EncodedWord(chunk.ToString())));
    }

    private static string EncodedWord(string text) => $"=?utf-8?b?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..20];

    // Templates already remove line breaks. A plan from another source must not add headers either.
    private static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
