using MLEvents.Ledger;
using MLEvents.Notifier.Chat;
using MLEvents.Notifier.Email;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>Closes a period and sends its digest.</summary>
internal sealed class DigestSender(ThrottleStore store, MailSender mail, ChatSender chat)
{
    /// <summary>Sends the mail of a digest.</summary>
    public async Task<StepResult> SendAsync(DigestPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var (period, closed) = await CloseAsync(plan.From, plan.Throttle, record, cancellationToken);

        // The date of the mail is the end of the period. The record itself was created when the digest got its first event.
        return FindEnd(closed) ?? Described(await mail.SendAsync(DigestMail.Compose(plan, record.Rule, period, closed), record with { CreatedAt = period.End }, cancellationToken), period, closed);
    }

    /// <summary>Sends the chat message of a digest.</summary>
    public async Task<StepResult> SendAsync(ChatDigestPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var (period, closed) = await CloseAsync(plan.From, plan.Throttle, record, cancellationToken);
        return FindEnd(closed) ?? Described(await chat.SendAsync(Compose(plan, record.Rule, period, closed), record, cancellationToken), period, closed);
    }

    private async Task<(ThrottlePeriod Period, ClosedPeriod Closed)> CloseAsync(DateTimeOffset from, ThrottlePlan throttle, ActionRecord record, CancellationToken cancellationToken)
    {
        var period = new ThrottlePeriod(from, throttle.Per);
        return (period, await store.CloseAsync(new(record.Rule, throttle.CountedBy, period), cancellationToken));
    }

    private static StepResult? FindEnd(ClosedPeriod closed) =>
        closed.Listed.Count > 0 ? null
        : closed.IsKnown ? new Skipped { Detail = "the digest has no events" }
        : new Failed { Detail = "the events of the digest have expired from the state store" };

    private static StepResult Described(StepResult result, ThrottlePeriod period, ClosedPeriod closed) =>
        result is Succeeded ? result with { Detail = $"digest of {DescribeCount(closed.Listed.Count + closed.More)}, {period}: {result.Detail}" } : result;

    private static string DescribeCount(int events) => $"{events} {(events == 1 ? "event" : "events")}";

    private static ChatPlan Compose(ChatDigestPlan plan, string rule, ThrottlePeriod period, ClosedPeriod closed) => plan.Call with
    {
        Message = new(
            DigestText.Title(plan.Throttle, rule, period, closed), DigestText.Text(DigestText.Head(plan.Throttle, rule, "message"), closed), new Dictionary<string, string>(), new Dictionary<string, Uri>()),
        Problem = null,
        Thread = DigestText.ThreadOf(rule, plan.Throttle),
    };
}
