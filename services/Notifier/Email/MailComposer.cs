using System.Security.Cryptography;
using System.Text;

using MimeKit;

using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier.Email;

/// <summary>Writes an alert as a mail.</summary>
internal static class MailComposer
{
    /// <summary>The header that carries the action's id.</summary>
    public const string ActionHeader = "X-MLEvents-Action";

    /// <summary>The header that carries the chain's correlation id.</summary>
    public const string CorrelationHeader = "X-MLEvents-Correlation";

    /// <summary>Composes the mail of an action; the same one every time, so that the readers' clients fold a mail that was sent twice. After a retry by hand it is another.</summary>
    /// <exception cref="ParseException">A recipient is no e-mail address.</exception>
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
        message.To.AddRange(plan.To.Select(MailboxAddress.Parse));
        message.Cc.AddRange(plan.Cc.Select(MailboxAddress.Parse));
        message.Bcc.AddRange(plan.Bcc.Select(MailboxAddress.Parse));

        // Nobody sends the mail of that id: it stands for the chain or the rule's thread, so that a client threads all its alerts, whichever comes first.
        message.References.Add(root);
        message.Headers.Add(ActionHeader, record.Id);
        message.Headers.Add(CorrelationHeader, OneLine(record.CorrelationId));
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..20];

    // Templates keep line breaks out already; a plan that came by another way must not add headers either.
    private static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
