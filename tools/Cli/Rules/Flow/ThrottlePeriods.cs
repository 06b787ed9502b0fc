using MLEvents.Events;
using MLEvents.Rules;
using MLEvents.Rules.Templates;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>The messages of each period of throttles. As in the notifier, periods are multiples of their length since 0001-01-01.</summary>
internal sealed class ThrottlePeriods
{
    private readonly Dictionary<(string Rule, string Key), (long Period, int Sent)> _sent = [];

    /// <summary>Counts a message for an event. Returns false if the throttle allows no further message in the period.</summary>
    public bool Take(string rule, AlertThrottle throttle, WorkflowEvent workflowEvent, DateTimeOffset now)
    {
        var (key, period) = ((rule, KeyOf(throttle, workflowEvent)), now.UtcTicks / throttle.Per.Ticks);
        var sent = _sent.TryGetValue(key, out var stored) && stored.Period == period ? stored.Sent : 0;
        if (sent >= throttle.Max)
        {
            return false;
        }

        _sent[key] = (period, sent + 1);
        return true;
    }

    private static string KeyOf(AlertThrottle throttle, WorkflowEvent workflowEvent)
    {
        try
        {
            return ArmId.NormalizeWhole(throttle.Key?.Render(TemplateModel.For(workflowEvent)) ?? "");
        }
        catch (TemplateException)
        {
            // The notifier sends the default text, and counts the event with the events without a key.
            return "";
        }
    }
}
