using System.Globalization;

using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>Sends the mails of a rule with a limit: up to the limit in a period, and the rest in the period's digest.</summary>
internal sealed class ThrottledMail(ThrottleStore store, IFollowUps followUps, MailSender mail, TimeProvider time)
{
    private const string Stage = "throttle";
    private const string PeriodKey = "period";

    /// <summary>Takes the next step. The action's record names the period before the action takes its slot there, so that a repeated step uses the same period.</summary>
    public async Task<StepResult> StepAsync(MailPlan plan, ThrottlePlan throttle, ActionRecord record, CancellationToken cancellationToken)
    {
        var current = ThrottlePeriod.At(time.GetUtcNow(), throttle.Per);
        if (PeriodOf(record, throttle) is not { } period)
        {
            return In(current);
        }

        var key = new ThrottleKey(record.Rule, throttle.CountedBy, period);
        var digest = Digest(key, plan, throttle);
        return await TakeSlotAsync(key, throttle.Max, digest, plan, record, cancellationToken) switch
        {
            ThrottleSlot.Single => await mail.SendAsync(plan, record, cancellationToken),
            ThrottleSlot.DigestEntry => new Skipped { Detail = $"listed in digest {digest.IdFor(record)}" },
            _ => In(current.Start > period.Start ? current : period.Next),
        };
    }

    private async Task<ThrottleSlot> TakeSlotAsync(ThrottleKey key, int max, FollowUp digest, MailPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var slot = await store.TakeAsync(key, max, record.Id, cancellationToken);
        return slot == ThrottleSlot.None && await followUps.EnsureAsync(record, digest, cancellationToken)
            ? await store.AddAsync(key, DigestMail.Entry(record, plan), cancellationToken)
            : slot;
    }

    private static FollowUp Digest(ThrottleKey key, MailPlan plan, ThrottlePlan throttle)
    {
        var digest = new DigestPlan { Studio = plan.Studio, To = plan.To, Cc = plan.Cc, Bcc = plan.Bcc, From = key.Period.Start, Throttle = throttle };
        return new FollowUp(key.Digest, digest.ToJson(), key.Period.End, $"digest of {key.Period}, sent when the period ends");
    }

    private static ThrottlePeriod? PeriodOf(ActionRecord record, ThrottlePlan throttle) => record.State.TryGetValue(PeriodKey, out var start)
        ? new ThrottlePeriod(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), throttle.Per)
        : null;

    private static Continue In(ThrottlePeriod period) =>
        new(Stage, TimeSpan.Zero) { State = new Dictionary<string, string> { [PeriodKey] = period.Start.ToString("O", CultureInfo.InvariantCulture) } };
}
