using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Reading;

/// <summary>Reads <c>cooldown</c>, <c>budget</c> and <c>concurrency</c> of a rule that starts runs or roll-outs.</summary>
internal static class RunLimitReader
{
    private const int MostPlaces = 100;
    private const int MostRuns = 1000;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    /// <summary>Reads the limits, in the order in which they are asked.</summary>
    public static IReadOnlyList<RunLimit> Read(MapReader rule) => [.. new[] { Cooldown(rule), Budget(rule), Concurrency(rule) }.OfType<RunLimit>()];

    private static RunLimit? Cooldown(MapReader rule)
    {
        if (rule.Child("cooldown") is not { } keys)
        {
            return null;
        }

        var (key, whenBusy) = (Key(keys, "per"), keys.Choice("whenBusy", RunLimitReached.Skip, inLowerCase: true));
        var period = keys.RequiredDuration("for", Shortest, Longest);
        keys.RefuseTheRest();
        return period is null ? null : new(RunLimitKind.Cooldown, key, 1, period, whenBusy);
    }

    private static RunLimit? Budget(MapReader rule)
    {
        if (rule.Child("budget") is not { } keys)
        {
            return null;
        }

        var (key, whenBusy) = (Key(keys, "key"), keys.Choice("whenBusy", RunLimitReached.Wait, inLowerCase: true));
        var runs = keys.Required("runs", KeyShape.Whole(1, MostRuns)) is null ? 0 : keys.Number("runs", 1, MostRuns, ifAbsent: 0);
        var period = keys.RequiredDuration("per", Shortest, Longest);
        keys.RefuseTheRest();
        return period is null || runs == 0 ? null : new(RunLimitKind.Budget, key, runs, period, whenBusy);
    }

    private static RunLimit? Concurrency(MapReader rule)
    {
        if (rule.Child("concurrency") is not { } keys)
        {
            return null;
        }

        var limit = new RunLimit(RunLimitKind.Concurrency, Key(keys, "key"), keys.Number("limit", 1, MostPlaces, ifAbsent: 1), null, keys.Choice("whenBusy", RunLimitReached.Wait, inLowerCase: true));
        keys.RefuseTheRest();
        return limit;
    }

    private static Template? Key(MapReader keys, string key) => keys.Scalar(key) is { } text ? keys.Reading.Inline(text, TemplateTarget.Argument) : null;
}
