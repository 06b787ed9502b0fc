using MailKit.Net.Smtp;
using MailKit.Security;

using Microsoft.Extensions.Options;

using MimeKit;

using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier.Email;

/// <summary>Sends mail over SMTP, one connection a mail.</summary>
internal sealed class MailSender(IOptions<MailOptions> options, TimeProvider time)
{
    private readonly MailOptions _options = options.Value;

    /// <summary>Sends the mail of an action. Its result names no address: results are published and logged.</summary>
    public async Task<StepResult> SendAsync(MailPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var handover = new DeliveryProgress();
        using var timeout = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var message = MailComposer.Compose(plan, record, MailboxAddress.Parse(_options.From));
            return DeliveryProgress.Taken(record, await SendAsync(message, handover, either.Token));
        }
        catch (ParseException)
        {
            return new Failed { Detail = "a recipient of the rule is no e-mail address" };
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return handover.Unanswered(new Retry { Detail = $"the mail server did not take the mail within {_options.Timeout.TotalSeconds} s" });
        }
        catch (Exception exception) when (MailFailure.IsKnown(exception))
        {
            var result = MailFailure.ToResult(exception);
            return exception is not SmtpCommandException && result is Retry again ? handover.Unanswered(again) : result;
        }
    }

    private async Task<string> SendAsync(MimeMessage message, DeliveryProgress handover, CancellationToken cancellationToken)
    {
        using var client = new PartialSmtpClient();
        await client.ConnectAsync(_options.Host, _options.Port, Security(_options.Security), cancellationToken);
        if (_options is { UserName: { Length: > 0 } user, Password: { } password })
        {
            await client.AuthenticateAsync(user, password, cancellationToken);
        }

        await client.SendAsync(message, cancellationToken, handover);

        // The mail is out: a server that hangs up without a word changes nothing.
        await client.DisconnectAsync(quit: true, cancellationToken);
        return client.Summary(message.GetRecipients(onlyUnique: true).Count);
    }

    private static SecureSocketOptions Security(MailSecurity security) => security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        MailSecurity.SslOnConnect => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.Auto,
    };
}
