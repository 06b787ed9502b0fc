using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>Reads <c>retry</c> of a rule that starts runs.</summary>
internal static class RetryPolicyReader
{
    private const string RerunFailed = "rerunFailed";
    private const string From = "from";

    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(10);
    private static readonly string[] Ends = ["Failed", "Canceled", "NotResponding", "TimedOut"];
    private static readonly string[] DefaultEnds = ["Failed"];
    private static readonly KeyShape Shape = KeyShape.Either(KeyShape.OneOf([RerunFailed]), KeyShape.Reference("retraining.retry"));

    /// <summary>Reads the policy; null if the rule has none.</summary>
    public static RetryPolicy? Read(MapReader keys)
    {
        const string key = "retry";
        if (keys.Node(key, Shape) is YamlText word)
        {
            if (word.Value != RerunFailed)
            {
                keys.Reading.Add(word, $"'{key}' must be '{RerunFailed}', or a mapping with the keys 'attempts', 'on', 'wait' and 'from', not '{word.Value}'");
            }

            return new RetryPolicy(2, DefaultEnds, DefaultWait, FromFailure: true);
        }

        return keys.Child(key, Shape) is { } policy ? Policy(policy) : null;
    }

    private static RetryPolicy Policy(MapReader keys)
    {
        var policy = new RetryPolicy(
            keys.Number("attempts", 2, 10, ifAbsent: 2),
            On(keys),
            keys.OptionalDuration("wait", TimeSpan.FromMinutes(1), MaxWait) ?? DefaultWait,
            keys.Choice(From, RunStart.Beginning) == RunStart.FailedActivity);
        keys.RejectUnreadKeys();
        return policy;
    }

    private static string[] On(MapReader keys)
    {
        var given = keys.Texts("on");
        foreach (var unknown in given.Where(end => !Ends.Contains(end.Value, StringComparer.Ordinal)))
        {
            keys.Reading.Add(unknown, $"'on' can contain only {string.Join(", ", Ends)}, not '{unknown.Value}'{Suggestion.Hint(unknown.Value, Ends)}");
        }

        return given.Count == 0 ? DefaultEnds : [.. given.Select(end => end.Value)];
    }

    private enum RunStart
    {
        /// <summary>The first activity.</summary>
        Beginning,

        /// <summary>The activity that failed.</summary>
        FailedActivity,
    }
}
