using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>Closes a period and sends its digest.</summary>
internal sealed class DigestSender(ThrottleStore book, MailSender mail)
{
    public async Task<StepResult> SendAsync(DigestPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var period = new ThrottlePeriod(plan.From, plan.Throttle.Per);
        var closed = await book.CloseAsync(new(record.Rule, plan.Throttle.CountedBy, period), cancellationToken);
        if (closed.Listed.Count == 0)
        {
            return closed.IsKnown ? new Skipped { Detail = "the digest has no events" } : new Failed { Detail = "the events of the digest have expired from the state store" };
        }

        // The mail has the date of the period's end. The record is as old as the first event of the digest.
        var result = await mail.SendAsync(DigestMail.Compose(plan, record.Rule, period, closed), record with { CreatedAt = period.End }, cancellationToken);
        return result is Succeeded ? result with { Detail = $"digest of {closed.Listed.Count + closed.More} events, {period}: {result.Detail}" } : result;
    }
}
