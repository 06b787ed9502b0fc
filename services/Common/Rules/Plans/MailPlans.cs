using System.Security.Cryptography;
using System.Text;

using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the e-mails of alert rules.</summary>
internal static class MailPlans
{
    /// <summary>Renders a mail. If one of its texts cannot be rendered, the mail has the default text with the reason. If the rule yields no recipient, the mail goes to the fallback recipients.</summary>
    /// <exception cref="TemplateException">The mail has no recipient, or it needs the default subject or the default text and this default cannot be rendered.</exception>
    public static MailPlan Create(AlertMessage message, TemplateModel model, AlertRendering rendering, Uri page, IReadOnlyList<string> fallback)
    {
        var (to, cc, bcc) = (rendering.Addresses("to", message.To), rendering.Addresses("cc", message.Cc), rendering.Addresses("bcc", message.Bcc));
        var thread = rendering.Render("thread", message.Thread);
        var throttle = rendering.Throttle(message.Throttle);
        var before = rendering.Problems.Count;
        var (subject, text, html) = (rendering.Render("subject", message.Subject), rendering.Render("text", message.Text), rendering.Render("html", message.Html));
        var isComplete = rendering.Problems.Count == before;
        string[] fromData = [.. to, .. cc, .. bcc];
        var plan = new MailPlan
        {
            Studio = page,
            To = [.. message.To.Fixed, .. to],
            Cc = [.. message.Cc.Fixed, .. cc],
            Bcc = [.. message.Bcc.Fixed, .. bcc],
            FromData = fromData.Length == 0 ? null : fromData,
            Subject = subject ?? model.Rendered("subject", DefaultAlert.Subject),
            Text = isComplete ? text ?? "" : DefaultText(model, rendering.Problems),
            Html = isComplete ? html : null,
            Thread = thread,
            Throttle = fromData.Length > 0 && throttle is not null ? throttle with { Audience = Hash(fromData) } : throttle,
        };
        return plan.To.Count + plan.Cc.Count + plan.Bcc.Count > 0 ? plan
            : fallback.Count > 0 ? plan with { To = fallback }
            : throw new TemplateException(WithoutRecipient(rendering.Problems));
    }

    /// <summary>The mail to the fallback recipients, for an alert that the rule cannot send.</summary>
    /// <exception cref="TemplateException">The default subject or the default text cannot be rendered.</exception>
    public static MailPlan Fallback(TemplateModel model, AlertRendering rendering, Uri page, IReadOnlyList<string> fallback) => new()
    {
        Studio = page,
        To = fallback,
        Subject = model.Rendered("subject", DefaultAlert.Subject),
        Text = DefaultText(model, rendering.Problems),
    };

    /// <summary>The default text, with the reasons why it is used.</summary>
    public static string DefaultText(TemplateModel model, IReadOnlyList<string> problems) => $"""
        {model.Rendered("text", DefaultAlert.Text)}

        {DefaultAlert.Explain(problems)}
        """;

    private static string WithoutRecipient(IReadOnlyList<string> problems) =>
        $"the mail has no recipient: {(problems.Count == 0 ? "the templates of the recipients render to an empty text" : string.Join("; ", problems))}. Add a recipient that does not depend on the event, a 'default' filter, or Mail:FallbackTo";

    // The first event of a digest determines the recipients, so events for other recipients need a separate digest.
    private static string Hash(string[] recipients) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', recipients))))[..16];
}
