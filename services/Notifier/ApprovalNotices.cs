using System.Globalization;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Approvals;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier;

/// <summary>Plans the mails about actions that wait for an approval. Each recipient gets a separate mail, because each link is signed for one person.</summary>
internal sealed class ApprovalNotices(IOptions<ApprovalOptions> options, IOptions<DashboardLinkOptions> dashboard)
{
    /// <summary>The rule name under which the mails are recorded.</summary>
    public const string Rule = "approval-notice";

    /// <summary>Plans one mail for each recipient of an approval request.</summary>
    /// <exception cref="ArgumentException">The event's data is not an approval request; the message goes to the dead letters.</exception>
    public IReadOnlyList<ActionRequest<AlertPlan>> Plan(WorkflowEvent workflowEvent, Uri studio)
    {
        var asked = Read(workflowEvent);
        return [.. asked.From.Select(recipient => new ActionRequest<AlertPlan>(Rule, "", KeyOf(asked, recipient), _ => new(Mail(asked, recipient, workflowEvent, studio), null)))];
    }

    private static ApprovalRequested Read(WorkflowEvent workflowEvent)
    {
        try
        {
            var asked = workflowEvent.Data.Deserialize(NotifierJson.Default.ApprovalRequested);
            return asked is { ActionId.Length: > 0, From.Count: > 0, Evidence: not null, Links: not null } ? asked : throw new JsonException("a member is missing");
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"The data of event {workflowEvent.Id} is not an approval request: {exception.Message}", nameof(workflowEvent), exception);
        }
    }

    private static string KeyOf(ApprovalRequested asked, string recipient) => string.Create(CultureInfo.InvariantCulture, $"{asked.ActionId}\n{asked.Generation}\n{recipient}");

    private MailPlan Mail(ApprovalRequested asked, string recipient, WorkflowEvent workflowEvent, Uri studio)
    {
        var page = dashboard.Value.PageOfQuestion(asked.ActionId, asked.Generation);
        var (name, address) = page is not null ? ("dashboard", new Uri(page))
            : asked.Links.TryGetValue("approval", out var approval) ? ("approval", approval)
            : (null, StudioLinks.ForEvent(studio, workflowEvent));
        return new MailPlan
        {
            Studio = address,
            PageName = name,
            To = [recipient],
            Subject = $"Approval needed before {asked.Before}: {asked.Rule}",
            Text = Text(asked, dashboard.Value.PageOfChain(asked.CorrelationId), page, LinkFor(asked, recipient)),
            Thread = asked.CorrelationId,
        };
    }

    private static string Text(ApprovalRequested asked, string? chain, string? page, string? link)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"The rule {asked.Rule} ({asked.Service}) waits for an approval before {asked.Before}.");
        text.AppendLine();
        foreach (var (name, value) in asked.Evidence)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {value}");
        }

        text.AppendLine($"chain: {DisplayText.Shorten(asked.CorrelationId)} {chain}".TrimEnd());
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Required approvals: {asked.Required}. Without a decision until {asked.ExpiresAt:yyyy-MM-dd HH:mm} UTC: {asked.OnTimeout}.");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"  mlevents approvals approve {asked.ActionId} --comment \"...\"");
        text.AppendLine(CultureInfo.InvariantCulture, $"  mlevents approvals reject {asked.ActionId} --comment \"...\"");
        if (page is not null)
        {
            text.AppendLine();
            text.AppendLine("Evidence and decision in the dashboard, for accounts with the role MLEvents.Approver:");
            text.AppendLine(page);
        }

        if (link is not null)
        {
            text.AppendLine();
            text.AppendLine("This link is for you only, works once and decides nothing until you press a button on its page:");
            text.AppendLine(link);
        }

        return text.ToString();
    }

    private string? LinkFor(ApprovalRequested asked, string recipient) =>
        options.Value.LinkKey is { } key && asked.Links.GetValueOrDefault("approval") is { } page
            ? page + new ApprovalLink(asked.ActionId, asked.Generation, recipient, asked.ExpiresAt).Sign(key)
            : null;
}
