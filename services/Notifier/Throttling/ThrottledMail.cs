using System.Globalization;

using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Rules;

namespace MLEvents.Notifier.Throttling;

/// <summary>Sends the mails of a rule with a limit: as many as it allows in a period, and leaves the rest to the period's digest.</summary>
internal sealed class ThrottledMail(ThrottleStore book, IFollowUps followUps, MailSender mail, TimeProvider time)
{
    private const string Stage = "throttle";
    private const string PeriodFact = "period";

    /// <summary>Takes the next step. Which period the action looks for its place in is in its record before it does, so that a repetition looks there too.</summary>
    public async Task<StepResult> StepAsync(MailPlan plan, ThrottlePlan throttle, ActionRecord record, CancellationToken cancellationToken)
    {
        var current = ThrottlePeriod.Of(time.GetUtcNow(), throttle.Per);
        if (PeriodOf(record, throttle) is not { } period)
        {
            return In(current);
        }

        var key = new ThrottleKey(record.Rule, throttle.Key, period);
        var digest = Digest(key, plan, throttle);
        return await PlaceAsync(key, throttle.Max, digest, plan, record, cancellationToken) switch
        {
            ThrottleSlot.Single => await mail.SendAsync(plan, record, cancellationToken),
            ThrottleSlot.DigestEntry => new Skipped { Detail = $"summed up in digest {digest.IdFor(record)}" },
            _ => In(current.Start > period.Start ? current : period.Next),
        };
    }

    private async Task<ThrottleSlot> PlaceAsync(ThrottleKey key, int max, FollowUp digest, MailPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var place = await book.TakeAsync(key, max, record.Id, cancellationToken);
        return place == ThrottleSlot.None && await followUps.EnsureAsync(record, digest, cancellationToken)
            ? await book.AddAsync(key, DigestMail.Entry(record, plan), cancellationToken)
            : place;
    }

    private static FollowUp Digest(ThrottleKey key, MailPlan plan, ThrottlePlan throttle)
    {
        var digest = new DigestPlan { Studio = plan.Studio, To = plan.To, Cc = plan.Cc, Bcc = plan.Bcc, From = key.Period.Start, Throttle = throttle };
        return new FollowUp(key.Digest, digest.ToJson(), key.Period.End, $"digest of {key.Period}, sent when it is over");
    }

    private static ThrottlePeriod? PeriodOf(ActionRecord record, ThrottlePlan throttle) => record.State.TryGetValue(PeriodFact, out var start)
        ? new ThrottlePeriod(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), throttle.Per)
        : null;

    private static Continue In(ThrottlePeriod period) =>
        new(Stage, TimeSpan.Zero) { State = new Dictionary<string, string> { [PeriodFact] = period.Start.ToString("O", CultureInfo.InvariantCulture) } };
}
