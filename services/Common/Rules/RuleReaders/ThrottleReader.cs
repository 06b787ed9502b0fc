using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the limit on a rule's messages in a period.</summary>
internal static class ThrottleReader
{
    /// <summary>Reads the value of <c>throttle</c>; null if it is absent or invalid. An invalid value is recorded as an error.</summary>
    public static AlertThrottle? Read(MapReader send)
    {
        if (send.Child("throttle") is not { } keys)
        {
            return null;
        }

        var max = keys.Required("max", KeyShape.Whole(1, AlertThrottle.MaxAlerts)) is null ? 0 : keys.Number("max", 1, AlertThrottle.MaxAlerts, ifAbsent: 0);
        var per = keys.RequiredDuration("per", AlertThrottle.MinPeriod, AlertThrottle.MaxPeriod);
        var key = keys.Scalar("key") is { } text ? keys.Reading.Inline(text, TemplateTarget.Argument) : null;
        keys.RejectUnreadKeys();
        return max > 0 && per is { } period ? new AlertThrottle { Max = max, Per = period, Key = key } : null;
    }
}
