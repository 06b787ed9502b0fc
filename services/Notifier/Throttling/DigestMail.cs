using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Throttling;

/// <summary>Composes the mail of a digest.</summary>
internal static class DigestMail
{
    /// <summary>The mail of a closed period. All digests of a rule and key form one thread.</summary>
    public static MailPlan Compose(DigestPlan plan, string rule, ThrottlePeriod period, ClosedPeriod closed)
    {
        var (subject, head) = (DigestText.Title(plan.Throttle, rule, period, closed), DigestText.Head(plan.Throttle, rule, "mail"));
        return new()
        {
            Studio = plan.Studio,
            To = plan.To,
            Cc = plan.Cc,
            Bcc = plan.Bcc,
            Subject = subject,
            Text = DigestText.Text(head, closed),
            Html = Html(subject, head, closed),
            Thread = DigestText.ThreadOf(rule, plan.Throttle),
        };
    }

    private static string Html(string subject, string head, ClosedPeriod closed) => DigestHtml.Render(
        DigestText.OneLine(subject),
        DigestText.OneLine(head),
        [.. closed.Listed.Select(entry => new Dictionary<string, string>
        {
            ["time"] = DigestText.TimeOf(entry),
            ["type"] = DigestText.OneLine(entry.Type),
            ["subject"] = DigestText.OneLine(entry.Subject),
            ["link"] = entry.Studio.AbsoluteUri,
        })],
        closed.More > 0 ? DigestText.DescribeOmitted(closed) : null);
}
