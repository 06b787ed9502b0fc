using MLEvents.Events.Limits;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Reading;

/// <summary>Reads <c>cooldown</c>, <c>budget</c> and <c>concurrency</c> of a rule that starts runs or roll-outs.</summary>
internal static class RunLimitReader
{
    private const int MaxPlaces = 100;
    private const int MaxRuns = 1000;

    private static readonly TimeSpan MinPeriod = TimeSpan.FromMinutes(1);

    /// <summary>Reads the limits, in the order in which they are checked.</summary>
    public static IReadOnlyList<RunLimit> Read(MapReader rule) => [.. new[] { Cooldown(rule), Budget(rule), Concurrency(rule) }.OfType<RunLimit>()];

    private static RunLimit? Cooldown(MapReader rule)
    {
        if (rule.Child("cooldown") is not { } keys)
        {
            return null;
        }

        var (key, whenBusy) = (Key(keys, "per"), keys.Choice("whenBusy", WhenBusy.Skip, inLowerCase: true));
        var period = keys.RequiredDuration("for", MinPeriod, Limit.MaxPeriod);
        keys.RejectUnreadKeys();
        return period is null ? null : new(LimitKind.Cooldown, key, 1, period, whenBusy);
    }

    private static RunLimit? Budget(MapReader rule)
    {
        if (rule.Child("budget") is not { } keys)
        {
            return null;
        }

        var (key, whenBusy) = (Key(keys, "key"), keys.Choice("whenBusy", WhenBusy.Wait, inLowerCase: true));
        var runs = keys.Required("runs", KeyShape.Whole(1, MaxRuns)) is null ? 0 : keys.Number("runs", 1, MaxRuns, ifAbsent: 0);
        var period = keys.RequiredDuration("per", MinPeriod, Limit.MaxPeriod);
        keys.RejectUnreadKeys();
        return period is null || runs == 0 ? null : new(LimitKind.Budget, key, runs, period, whenBusy);
    }

    private static RunLimit? Concurrency(MapReader rule)
    {
        if (rule.Child("concurrency") is not { } keys)
        {
            return null;
        }

        var limit = new RunLimit(LimitKind.Concurrency, Key(keys, "key"), keys.Number("limit", 1, MaxPlaces, ifAbsent: 1), null, keys.Choice("whenBusy", WhenBusy.Wait, inLowerCase: true));
        keys.RejectUnreadKeys();
        return limit;
    }

    private static Template? Key(MapReader keys, string key) => keys.Scalar(key) is { } text ? keys.Reading.Inline(text, TemplateTarget.Argument) : null;
}
