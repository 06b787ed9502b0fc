using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Rules;

namespace MLEvents.Notifier.Throttling;

/// <summary>Closes a period and mails its digest.</summary>
internal sealed class DigestSender(ThrottleStore book, MailSender mail)
{
    public async Task<StepResult> SendAsync(DigestPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var period = new ThrottlePeriod(plan.From, plan.Throttle.Per);
        var closed = await book.CloseAsync(new(record.Rule, plan.Throttle.Key, period), cancellationToken);
        if (closed.Listed.Count == 0)
        {
            return closed.IsKnown ? new Skipped { Detail = "nothing is left to sum up" } : new Failed { Detail = "what it sums up is not kept any more" };
        }

        // Dated by the end of its period: the record is as old as the first event that it sums up.
        var result = await mail.SendAsync(DigestMail.Of(plan, record.Rule, period, closed), record with { CreatedAt = period.End }, cancellationToken);
        return result is Succeeded ? result with { Detail = $"digest of {closed.Listed.Count + closed.More} events, {period}: {result.Detail}" } : result;
    }
}
