using MLEvents.Events;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>Counts, for each period, the messages of alerts that have a throttle. As in the notifier, each period begins at a multiple of its length after 0001-01-01 UTC.</summary>
internal sealed class ThrottlePeriods
{
    // The notifier mails an alert without a recipient to Mail:FallbackTo. The simulation assumes that the setting has a value.
    private static readonly string[] FallbackTo = ["fallback@example.com"];

    private readonly Dictionary<(string Rule, string Key), (long Period, int Sent)> _sent = [];

    /// <summary>Counts a message for an event. Returns false if the throttle allows no further message in the period.</summary>
    public bool Take(AlertRule rule, WorkflowEvent workflowEvent, DateTimeOffset now)
    {
        if (ThrottleOf(rule, workflowEvent) is not { } throttle)
        {
            return true;
        }

        var (key, period) = ((rule.Name, throttle.CountedBy), now.UtcTicks / throttle.Per.Ticks);
        var sent = _sent.TryGetValue(key, out var stored) && stored.Period == period ? stored.Sent : 0;
        if (sent >= throttle.Max)
        {
            return false;
        }

        _sent[key] = (period, sent + 1);
        return true;
    }

    // The throttle of a plan contains the key that is rendered for the event. If the event names the recipients, the messages to these recipients are counted separately.
    private static ThrottlePlan? ThrottleOf(AlertRule rule, WorkflowEvent workflowEvent) => AlertPlans.Create(rule, workflowEvent, previous: [], fallback: FallbackTo).Plan switch
    {
        MailPlan mail => mail.Throttle,
        ChatPlan chat => chat.Throttle,
        BindingPlan call => call.Throttle,
        _ => null,
    };
}
