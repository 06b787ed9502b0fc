using MLEvents.Rules.Reading;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the approval that a rule needs.</summary>
internal static class ApprovalReader
{
    private const int MaxPeople = 10;

    private static readonly TimeSpan MinTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(90);

    /// <summary>
    /// Reads the value of <c>approval</c>; null if it is absent or <c>from</c> contains no valid address. Other invalid values are recorded as errors and
    /// replaced by their defaults.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="points">The allowed values of <c>before</c>. The first one is the default.</param>
    public static RuleApproval? Read(MapReader rule, params ReadOnlySpan<ApprovalPoint> points)
    {
        if (rule.Child("approval") is not { } keys)
        {
            return null;
        }

        var from = keys.Required("from", KeyShape.Texts) is null ? [] : RecipientReader.Read(keys, "from");
        var approval = new RuleApproval
        {
            From = from,
            Before = Point(keys, points),
            Timeout = keys.OptionalDuration("timeout", MinTimeout, MaxTimeout) ?? TimeSpan.FromHours(24),
            OnTimeout = keys.Choice("onTimeout", ApprovalTimeout.Reject, inLowerCase: true),
            Required = keys.Number("required", 1, MaxPeople, ifAbsent: 1),
        };
        keys.RejectUnreadKeys();
        return from.Count == 0 ? null : approval;
    }

    private static ApprovalPoint Point(MapReader keys, ReadOnlySpan<ApprovalPoint> points)
    {
        string[] names = [.. points.ToArray().Select(point => point.ToString().ToLowerInvariant())];
        if (keys.Scalar("before", KeyShape.OneOf(names)) is not { } text)
        {
            return points[0];
        }

        var found = Array.FindIndex(names, name => name.Equals(text.Value, StringComparison.OrdinalIgnoreCase));
        if (found < 0)
        {
            keys.Reading.Add(text, $"'before' must be one of {string.Join(", ", names)}, not '{text.Value}'{Suggestion.Hint(text.Value, names)}");
        }

        return points[Math.Max(0, found)];
    }
}
