using MailKit.Net.Smtp;

using MimeKit;

namespace MLEvents.Notifier.Email;

/// <summary>Goes on when the server refuses some recipients for good: an address that is gone must not keep an alert from the others.</summary>
internal sealed class PartialSmtpClient : SmtpClient
{
    private readonly List<SmtpResponse> _refused = [];

    /// <summary>What became of the mail.</summary>
    public string Summary(int recipients) => _refused.Count == 0
        ? $"mailed to {recipients} {(recipients == 1 ? "recipient" : "recipients")}"
        : $"mailed to {recipients - _refused.Count} of {recipients} recipients; refused: {MailFailure.Answer(_refused[0].StatusCode, _refused[0].Response)}";

    /// <inheritdoc/>
    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        if ((int)response.StatusCode < 500)
        {
            base.OnRecipientNotAccepted(message, mailbox, response);
        }

        _refused.Add(response);
    }

    /// <inheritdoc/>
    protected override void OnNoRecipientsAccepted(MimeMessage message) =>
        throw new SmtpCommandException(SmtpErrorCode.RecipientNotAccepted, _refused[^1].StatusCode, _refused[^1].Response);
}
