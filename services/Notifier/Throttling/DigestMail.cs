using System.Globalization;
using System.Net;
using System.Text;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier.Throttling;

/// <summary>Writes what a digest says.</summary>
internal static class DigestMail
{
    private const int LongestText = 300;
    private const int LongestLink = 1000;
    private const int LongestKey = 100;

    /// <summary>What a digest says of an action; bounded, for what comes from outside is.</summary>
    public static DigestEntry Entry(ActionRecord record, MailPlan plan)
    {
        var happened = record.ReadEvent();
        var studio = plan.Studio.AbsoluteUri.Length <= LongestLink ? plan.Studio : new Uri(plan.Studio.GetLeftPart(UriPartial.Authority));
        return new(record.Id, happened.Time, Short(ShortType(happened.Type), LongestText), Short(happened.Subject, LongestText), studio);
    }

    /// <summary>The mail of a closed period. All digests of a rule and key are one thread.</summary>
    public static MailPlan Of(DigestPlan plan, string rule, ThrottlePeriod period, ClosedPeriod closed)
    {
        var subject = $"{closed.Listed.Count + closed.More} more: {Title(plan, rule, closed)} ({period})";
        var head = $"In this period the rule '{rule}' sent {plan.Throttle.Max} {(plan.Throttle.Max == 1 ? "mail" : "mails")}, as many as it may; these events it sums up.";
        return new()
        {
            Studio = plan.Studio,
            To = plan.To,
            Cc = plan.Cc,
            Bcc = plan.Bcc,
            Subject = subject,
            Text = Text(head, closed),
            Html = Html(subject, head, closed),
            Thread = $"digests\n{rule}\n{plan.Throttle.Key}",
        };
    }

    // A type is named when it is that of all: those that are only counted may be of others.
    private static string Title(DigestPlan plan, string rule, ClosedPeriod closed)
    {
        var what = closed.More == 0 && closed.Listed.Select(one => one.Type).Distinct().ToList() is [var type] ? type : rule;
        return plan.Throttle.Key.Length > 0 ? $"{what}, {Short(plan.Throttle.Key, LongestKey)}" : what;
    }

    private static string Text(string head, ClosedPeriod closed)
    {
        var text = new StringBuilder(head).Append("\n\n");
        foreach (var one in closed.Listed)
        {
            text.Append(CultureInfo.InvariantCulture, $"{TimeOf(one)}  {OneLine(one.Type)}  {OneLine(one.Subject)}\n    {one.Studio.AbsoluteUri}\n");
        }

        return closed.More > 0 ? text.Append(CultureInfo.InvariantCulture, $"\n{MoreOf(closed)}\n").ToString() : text.ToString();
    }

    private static string Html(string subject, string head, ClosedPeriod closed)
    {
        var html = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<h3>{Encoded(subject)}</h3>\n<p>{Encoded(head)}</p>\n<table>\n");
        html.Append("<tr><th>Time</th><th>Event</th><th>Subject</th></tr>\n");
        foreach (var one in closed.Listed)
        {
            var link = $"<a href=\"{Encoded(one.Studio.AbsoluteUri)}\">{Encoded(one.Subject.Length > 0 ? one.Subject : "look")}</a>";
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{TimeOf(one)}</td><td>{Encoded(one.Type)}</td><td>{link}</td></tr>\n");
        }

        html.Append("</table>\n");
        return closed.More > 0 ? html.Append(CultureInfo.InvariantCulture, $"<p>{MoreOf(closed)}</p>\n").ToString() : html.ToString();
    }

    private static string MoreOf(ClosedPeriod closed) => $"and {closed.More.ToString("N0", CultureInfo.InvariantCulture)} more, which are not listed.";

    private static string TimeOf(DigestEntry one) => one.Time is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "time not given";

    private static string ShortType(string type) => type.StartsWith(EventTypes.AzureMLPrefix, StringComparison.Ordinal) ? type[EventTypes.AzureMLPrefix.Length..] : type;

    private static string Encoded(string text) => WebUtility.HtmlEncode(OneLine(text));

    private static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character));

    private static string Short(string text, int longest) =>
        text.Length <= longest ? text : $"{text[..(char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1)]}…";
}
