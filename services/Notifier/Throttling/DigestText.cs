using System.Globalization;
using System.Text;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>Writes the title and the text of a digest.</summary>
internal static class DigestText
{
    private const int MaxTextLength = 300;
    private const int MaxLinkLength = 1000;
    private const int MaxKeyLength = 100;

    /// <summary>The digest's line for an action. Texts from events are cut, so that the stored entry stays small.</summary>
    public static DigestEntry Entry(ActionRecord record, AlertPlan plan)
    {
        var happened = record.ReadEvent();
        var studio = plan.Studio.AbsoluteUri.Length <= MaxLinkLength ? plan.Studio : new Uri(plan.Studio.GetLeftPart(UriPartial.Authority));
        return new(record.Id, happened.Time, Truncation.Truncate(ShortType(happened.Type), MaxTextLength), Truncation.Truncate(happened.Subject, MaxTextLength), studio);
    }

    /// <summary>The title: the number of events, and their type or rule.</summary>
    public static string Title(ThrottlePlan throttle, string rule, ThrottlePeriod period, ClosedPeriod closed) =>
        $"{closed.Listed.Count + closed.More} more: {DescribeContent(throttle, rule, closed)} ({period})";

    /// <summary>The key of the thread that contains all digests of a rule and a throttle key.</summary>
    public static string ThreadOf(string rule, ThrottlePlan throttle) => $"digests\n{rule}\n{throttle.CountedBy}";

    /// <summary>The first sentence.</summary>
    /// <param name="throttle">The limit.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="kind">The kind of message that the rule sends: <c>mail</c> or <c>message</c>.</param>
    public static string Head(ThrottlePlan throttle, string rule, string kind) =>
        $"In this period the rule '{rule}' sent {throttle.Max} {(throttle.Max == 1 ? kind : $"{kind}s")}, which is its limit; "
        + $"this digest lists up to {ThrottleWindow.Listed} of the other events.";

    /// <summary>The text: the first sentence, a line with a link for each listed event, and the number of the events that are not listed.</summary>
    public static string Text(string head, ClosedPeriod closed)
    {
        var text = new StringBuilder(head).Append("\n\n");
        foreach (var entry in closed.Listed)
        {
            text.Append(CultureInfo.InvariantCulture, $"{TimeOf(entry)}  {OneLine(entry.Type)}  {OneLine(entry.Subject)}\n    {entry.Studio.AbsoluteUri}\n");
        }

        return closed.More > 0 ? text.Append(CultureInfo.InvariantCulture, $"\n{DescribeOmitted(closed)}\n").ToString() : text.ToString();
    }

    /// <summary>The sentence about the events that are not listed.</summary>
    public static string DescribeOmitted(ClosedPeriod closed) => $"and {closed.More.ToString("N0", CultureInfo.InvariantCulture)} more that {(closed.More == 1 ? "is" : "are")} not listed.";

    /// <summary>The time of an event.</summary>
    public static string TimeOf(DigestEntry entry) => entry.Time is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "time not given";

    /// <summary>The text on one line.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character));

    // The type is named only if all events have the same type. Events that are only counted may have another type.
    private static string DescribeContent(ThrottlePlan throttle, string rule, ClosedPeriod closed)
    {
        var what = closed.More == 0 && closed.Listed.Select(entry => entry.Type).Distinct().ToList() is [var type] ? type : rule;
        return throttle.Key.Length > 0 ? $"{what}, {Truncation.Truncate(throttle.Key, MaxKeyLength)}" : what;
    }

    private static string ShortType(string type) => type.StartsWith(EventTypes.AzureMLPrefix, StringComparison.Ordinal) ? type[EventTypes.AzureMLPrefix.Length..] : type;
}
