using MailKit.Net.Smtp;
using MailKit.Security;

using Microsoft.Extensions.Options;

using MimeKit;

using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Email;

/// <summary>Sends mails over SMTP, through pooled sessions.</summary>
internal sealed class MailSender(SmtpSessionPool sessions, MailServerState server, IOptions<MailOptions> options, TimeProvider time)
{
    private readonly MailOptions _options = options.Value;

    /// <summary>Sends the mail of an action. The result contains no address, because results are published and logged.</summary>
    public async Task<StepResult> SendAsync(MailPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        // The wait for other mails is not part of the attempt, so the attempt's time limit excludes it.
        await sessions.EnterAsync(cancellationToken);
        try
        {
            return await AttemptAsync(plan, record, cancellationToken);
        }
        finally
        {
            sessions.Leave();
        }
    }

    private async Task<StepResult> AttemptAsync(MailPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var progress = new DeliveryProgress();
        using var timeout = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var summary = await SendAsync(plan, record, progress, either.Token);
            server.Answered();
            return DeliveryProgress.Accepted(record, summary);
        }
        catch (ParseException)
        {
            return new Failed { Detail = "a recipient of the rule is not an e-mail address" };
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var late = $"the mail server did not accept the mail within {_options.Timeout.TotalSeconds} s";
            server.Failed(MailServerState.NoAnswer, late);
            return progress.Unanswered(new Retry { Detail = late });
        }
        catch (MailTokenException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The mail was cancelled while it waited for a token.", exception, cancellationToken);
        }
        catch (Exception exception) when (MailFailure.IsKnown(exception))
        {
            var result = MailFailure.ToResult(exception);
            RecordServerState(exception, result);
            return exception is not SmtpCommandException && result is Retry again ? progress.Unanswered(again) : result;
        }
    }

    // A reply shows that the server answers, even a reply that refuses the mail or the credential.
    // A token is requested only after the server has answered. If no token comes, the fault is therefore NoToken and not NoAnswer.
    private void RecordServerState(Exception exception, StepResult result)
    {
        if (result is Retry { Detail: { } reason } && exception is not (SmtpCommandException or AuthenticationException))
        {
            server.Failed(exception is MailTokenException ? MailServerState.NoToken : MailServerState.NoAnswer, reason);
        }
        else
        {
            server.Answered();
        }
    }

    private async Task<string> SendAsync(MailPlan plan, ActionRecord record, DeliveryProgress progress, CancellationToken cancellationToken)
    {
        using var span = MailSpans.Start(_options);
        for (var isFirst = true; ; isFirst = false)
        {
            // A session can remove recipients from its message, so each session gets its own message.
            var message = MailComposer.Compose(plan, record, MailboxAddress.Parse(_options.From));
            var session = await sessions.RentAsync(cancellationToken, mustReset: !isFirst);
            try
            {
                return await SendAsync(session, message, progress, cancellationToken);
            }
            catch (Exception exception) when (session.IsUnchecked && !progress.HasBegun && MailFailure.IsClosedSession(exception))
            {
                // The server has closed this session, which was not reset, and has not received the mail. The loop sends the mail again through a session that is new or was reset.
                // If the server closes that session too, the attempt ends. Otherwise, a mail that makes the server close its sessions could use up all of them.
            }
        }
    }

    private async Task<string> SendAsync(SmtpSession session, MimeMessage message, DeliveryProgress progress, CancellationToken cancellationToken)
    {
        var isSent = false;
        try
        {
            var summary = await session.SendMailAsync(message, progress, cancellationToken);
            isSent = true;
            return summary;
        }
        finally
        {
            if (isSent)
            {
                sessions.Return(session);
            }
            else
            {
                session.Dispose();
            }
        }
    }
}
