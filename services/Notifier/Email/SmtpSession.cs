using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

using MimeKit;

namespace MLEvents.Notifier.Email;

/// <summary>
/// A connection to the mail server that sends one mail after another. When the server refuses some recipients permanently, the mail still goes to the others:
/// one invalid address must not stop an alert for everybody.
/// </summary>
internal sealed class SmtpSession : SmtpClient
{
    private const string NoInternational = "the mail server does not support addresses with characters outside ASCII (SMTPUTF8)";
    private readonly List<SmtpResponse> _refused = [];

    private SmtpSession()
    {
    }

    /// <summary>How many mails the session has sent.</summary>
    public int Sent { get; private set; }

    /// <summary>When the session was returned to the pool.</summary>
    public DateTimeOffset IdleSince { get; set; }

    /// <summary>The timestamp at which the session was returned to the pool. Unlike <see cref="IdleSince"/>, it stays correct if the system clock is changed.</summary>
    public long ReturnedAt { get; set; }

    /// <summary>Whether the session comes from the pool without a reset, so that the server may have closed it.</summary>
    public bool IsUnchecked { get; set; }

    /// <summary>Connects to the mail server and authenticates if a user is set.</summary>
    public static async Task<SmtpSession> ConnectAsync(MailOptions options, MailTokens tokens, CancellationToken cancellationToken)
    {
        var session = new SmtpSession();
        var isReady = false;
        try
        {
            await session.ConnectAsync(options.Host, options.Port, Security(options.Security), cancellationToken);
            if (options.OAuth.TokenEndpoint is not null)
            {
                await session.AuthenticateAsync(tokens, cancellationToken);
            }
            else if (options is { UserName: { Length: > 0 } user, Password: { } password })
            {
                await session.AuthenticateAsync(user, password, cancellationToken);
            }

            isReady = true;
            return session;
        }
        finally
        {
            if (!isReady)
            {
                session.Dispose();
            }
        }
    }

    private async Task AuthenticateAsync(MailTokens tokens, CancellationToken cancellationToken)
    {
        var mechanism = await tokens.CreateMechanismAsync(cancellationToken);
        try
        {
            await AuthenticateAsync(mechanism, cancellationToken);
        }
        catch (AuthenticationException)
        {
            // The token may have been revoked before it expired.
            tokens.Forget();
            throw;
        }
    }

    /// <summary>Resets the session for the next mail.</summary>
    /// <returns>False if the server closed the connection, or does not answer as it should.</returns>
    public async Task<bool> TryResetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return IsConnected && (await SendCommandAsync("RSET", cancellationToken)).StatusCode == SmtpStatusCode.Ok;
        }
        catch (Exception exception) when (MailFailure.IsKnown(exception) || exception is ServiceNotConnectedException)
        {
            return false;
        }
    }

    /// <summary>Sends a mail.</summary>
    /// <returns>A summary of how many recipients the server accepted.</returns>
    /// <exception cref="NotSupportedException">Every recipient needs SMTPUTF8, and the server does not support it.</exception>
    public async Task<string> SendMailAsync(MimeMessage message, ITransferProgress progress, CancellationToken cancellationToken)
    {
        _refused.Clear();
        var unsupported = Capabilities.HasFlag(SmtpCapabilities.UTF8) ? 0 : RemoveInternational(message);
        var recipients = message.GetRecipients(onlyUnique: true).Count;
        if (recipients == 0)
        {
            throw new NotSupportedException($"no recipient can be reached: {NoInternational}");
        }

        await SendAsync(message, cancellationToken, progress);
        Sent++;
        return Summary(recipients, unsupported);
    }

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

    // Without SMTPUTF8, an international address is not allowed in commands or headers. A domain can be sent in its ASCII form, a local part cannot.
    private static int RemoveInternational(MimeMessage message)
    {
        var removed = 0;
        foreach (var list in new[] { message.To, message.Cc, message.Bcc })
        {
            foreach (var mailbox in list.Mailboxes.Where(mailbox => !System.Text.Ascii.IsValid(mailbox.LocalPart)).ToList())
            {
                list.Remove(mailbox);
                removed++;
            }
        }

        return removed;
    }

    private string Summary(int recipients, int unsupported)
    {
        var all = recipients + unsupported;
        var reasons = new List<string>();
        if (_refused.Count > 0)
        {
            reasons.Add($"refused: {MailFailure.Answer(_refused[0].StatusCode, _refused[0].Response)}");
        }

        if (unsupported > 0)
        {
            reasons.Add(NoInternational);
        }

        return reasons.Count == 0
            ? $"mailed to {all} {(all == 1 ? "recipient" : "recipients")}"
            : $"mailed to {recipients - _refused.Count} of {all} recipients; {string.Join("; ", reasons)}";
    }

    private static SecureSocketOptions Security(MailSecurity security) => security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        MailSecurity.SslOnConnect => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.Auto,
    };
}
