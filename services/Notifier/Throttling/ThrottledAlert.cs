using System.Globalization;

using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Notifier.Chat;
using MLEvents.Notifier.Email;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>
/// Sends the alerts of a rule that has a limit. In each period, the alerts up to the limit are sent separately, and the others go into the digest of the period.
/// A generic binding has no digest, so its alerts beyond the limit are skipped.
/// </summary>
internal sealed class ThrottledAlert(ThrottleStore store, IFollowUps followUps, MailSender mail, ChatSender chat, BindingSender bindings, TimeProvider time)
{
    private const string Stage = "throttle";
    private const string PeriodKey = "period";

    /// <summary>Takes the next step. The action's record stores the period before the action takes a slot, so that a repeated step uses the same period.</summary>
    public async Task<StepResult> StepAsync(AlertPlan plan, ThrottlePlan throttle, ActionRecord record, CancellationToken cancellationToken)
    {
        var current = ThrottlePeriod.At(time.GetUtcNow(), throttle.Per);
        if (PeriodOf(record, throttle) is not { } period)
        {
            return ContinueIn(current);
        }

        var key = new ThrottleKey(record.Rule, throttle.CountedBy, period);
        var digest = Digest(key, plan, throttle);
        return await TakeSlotAsync(key, throttle.Max, digest, plan, record, cancellationToken) switch
        {
            ThrottleSlot.Single => await SendAsync(plan, record, cancellationToken),
            ThrottleSlot.DigestEntry => new Skipped { Detail = $"included in digest {digest?.IdFor(record)}" },
            _ when digest is null => new Skipped { Detail = $"the limit of {throttle.Max} in {period} is reached; only mails and chat messages have a digest" },
            _ => ContinueIn(current.Start > period.Start ? current : period.Next),
        };
    }

    private Task<StepResult> SendAsync(AlertPlan plan, ActionRecord record, CancellationToken cancellationToken) => plan switch
    {
        MailPlan message => mail.SendAsync(message, record, cancellationToken),
        ChatPlan message => chat.SendAsync(message, record, cancellationToken),
        BindingPlan call => bindings.SendAsync(call, record, cancellationToken),
        _ => throw new NotSupportedException($"Plans of type {plan.GetType().Name} have no limit."),
    };

    private async Task<ThrottleSlot> TakeSlotAsync(ThrottleKey key, int max, FollowUp? digest, AlertPlan plan, ActionRecord record, CancellationToken cancellationToken)
    {
        var slot = await store.TakeAsync(key, max, record.Id, cancellationToken);
        return slot == ThrottleSlot.None && digest is not null && await followUps.EnsureAsync(record, digest, cancellationToken)
            ? await store.AddAsync(key, DigestText.Entry(record, plan), cancellationToken)
            : slot;
    }

    private static FollowUp? Digest(ThrottleKey key, AlertPlan plan, ThrottlePlan throttle)
    {
        AlertPlan? digest = plan switch
        {
            MailPlan message => new DigestPlan { Studio = plan.Studio, To = message.To, Cc = message.Cc, Bcc = message.Bcc, From = key.Period.Start, Throttle = throttle },
            ChatPlan message => new ChatDigestPlan { Studio = plan.Studio, Call = message, From = key.Period.Start, Throttle = throttle },
            _ => null,
        };
        return digest is null ? null : new FollowUp(key.Digest, digest.ToJson(), key.Period.End, $"digest of {key.Period}, sent when the period ends");
    }

    private static ThrottlePeriod? PeriodOf(ActionRecord record, ThrottlePlan throttle) => record.State.TryGetValue(PeriodKey, out var start)
        ? new ThrottlePeriod(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), throttle.Per)
        : null;

    private static Continue ContinueIn(ThrottlePeriod period) =>
        new(Stage, TimeSpan.Zero) { State = new Dictionary<string, string> { [PeriodKey] = period.Start.ToString("O", CultureInfo.InvariantCulture) } };
}
