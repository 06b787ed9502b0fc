using System.Globalization;
using System.Text;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>Composes the mail of a digest.</summary>
internal static class DigestMail
{
    private const int LongestText = 300;
    private const int LongestLink = 1000;
    private const int LongestKey = 100;

    /// <summary>The digest's line for an action. Texts from events are cut, so that the stored entry stays small.</summary>
    public static DigestEntry Entry(ActionRecord record, MailPlan plan)
    {
        var happened = record.ReadEvent();
        var studio = plan.Studio.AbsoluteUri.Length <= LongestLink ? plan.Studio : new Uri(plan.Studio.GetLeftPart(UriPartial.Authority));
        return new(record.Id, happened.Time, Short(ShortType(happened.Type), LongestText), Short(happened.Subject, LongestText), studio);
    }

    /// <summary>The mail of a closed period. All digests of a rule and key are one thread.</summary>
    public static MailPlan Compose(DigestPlan plan, string rule, ThrottlePeriod period, ClosedPeriod closed)
    {
        var subject = $"{closed.Listed.Count + closed.More} more: {Title(plan, rule, closed)} ({period})";
        var head = $"In this period the rule '{rule}' sent {plan.Throttle.Max} {(plan.Throttle.Max == 1 ? "mail" : "mails")}, which is its limit; this digest lists the other events.";
        return new()
        {
            Studio = plan.Studio,
            To = plan.To,
            Cc = plan.Cc,
            Bcc = plan.Bcc,
            Subject = subject,
            Text = Text(head, closed),
            Html = Html(subject, head, closed),
            Thread = $"digests\n{rule}\n{plan.Throttle.CountedBy}",
        };
    }

    // The type is named only if all events have it. Events that are only counted may have another type.
    private static string Title(DigestPlan plan, string rule, ClosedPeriod closed)
    {
        var what = closed.More == 0 && closed.Listed.Select(entry => entry.Type).Distinct().ToList() is [var type] ? type : rule;
        return plan.Throttle.Key.Length > 0 ? $"{what}, {Short(plan.Throttle.Key, LongestKey)}" : what;
    }

    private static string Text(string head, ClosedPeriod closed)
    {
        var text = new StringBuilder(head).Append("\n\n");
        foreach (var entry in closed.Listed)
        {
            text.Append(CultureInfo.InvariantCulture, $"{TimeOf(entry)}  {OneLine(entry.Type)}  {OneLine(entry.Subject)}\n    {entry.Studio.AbsoluteUri}\n");
        }

        return closed.More > 0 ? text.Append(CultureInfo.InvariantCulture, $"\n{MoreOf(closed)}\n").ToString() : text.ToString();
    }

    private static string Html(string subject, string head, ClosedPeriod closed) => DigestHtml.Render(
        OneLine(subject),
        OneLine(head),
        [.. closed.Listed.Select(entry => new Dictionary<string, string>
        {
            ["time"] = TimeOf(entry),
            ["type"] = OneLine(entry.Type),
            ["subject"] = OneLine(entry.Subject),
            ["link"] = entry.Studio.AbsoluteUri,
        })],
        closed.More > 0 ? MoreOf(closed) : null);

    private static string MoreOf(ClosedPeriod closed) => $"and {closed.More.ToString("N0", CultureInfo.InvariantCulture)} more that are not listed.";

    private static string TimeOf(DigestEntry entry) => entry.Time is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "time not given";

    private static string ShortType(string type) => type.StartsWith(EventTypes.AzureMLPrefix, StringComparison.Ordinal) ? type[EventTypes.AzureMLPrefix.Length..] : type;

    private static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character));

    private static string Short(string text, int longest) =>
        text.Length <= longest ? text : $"{text[..(char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1)]}…";
}
