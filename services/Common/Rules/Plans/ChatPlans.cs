using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the chat messages of alert rules.</summary>
internal static class ChatPlans
{
    /// <summary>
    /// Renders a message. If the subject or the text cannot be rendered, the text of the message is the reason. The default subject replaces a subject that cannot be rendered.
    /// If the metadata or the conversation cannot be rendered, or if the conversation is empty, the alert goes by mail to the fallback recipients.
    /// </summary>
    /// <exception cref="TemplateException">
    /// The alert must go by mail, but there is no fallback recipient, or the default texts of this mail cannot be rendered. Also if the default subject must replace the subject of the
    /// message, but cannot be rendered.
    /// </exception>
    public static AlertPlan Create(AlertMessage message, ChatFormat format, WorkflowEvent workflowEvent, TemplateModel model, AlertRendering rendering, Uri page, IReadOnlyList<string> fallback)
    {
        var metadata = rendering.Render("metadata", message.Metadata);
        var conversation = rendering.RenderRequired("conversation", message.Conversation);
        if (metadata.Count < message.Metadata.Count || (message.Conversation is not null && conversation is null))
        {
            return fallback.Count > 0 ? MailPlans.Fallback(model, rendering, page, fallback) : throw new TemplateException(string.Join("; ", rendering.Problems));
        }

        var (throttle, thread) = (rendering.Throttle(message.Throttle), rendering.Render("thread", message.Thread));
        var before = rendering.Problems.Count;
        var (subject, text) = (rendering.Render("subject", message.Subject), rendering.Render("text", message.Text));
        return new ChatPlan
        {
            Studio = page,
            Binding = message.Channel,
            Operation = message.Operation,
            Metadata = metadata,
            Format = format,
            Message = new(
                subject ?? model.Rendered("subject", DefaultAlert.Subject),
                rendering.Problems.Count == before ? text ?? "" : DefaultAlert.Explain(rendering.Problems),
                Facts(workflowEvent),
                Links(workflowEvent, page)),
            Conversation = conversation,
            Thread = thread,
            Throttle = throttle,
        };
    }

    // Like the default text of a mail, the facts describe the event or the action, its workspace and its time. In addition, they contain the correlation id of the chain, which
    // a mail contains in a header.
    private static Dictionary<string, string> Facts(WorkflowEvent workflowEvent)
    {
        var origin = ActionEvent.OriginOf(workflowEvent);
        var facts = new Dictionary<string, string> { ["Event"] = TemplateModel.ShortName(workflowEvent.Type) };
        Add("Subject", origin.Subject);
        Add("Action", ActionEvent.Is(workflowEvent) ? $"{JsonText.Text(workflowEvent.Data, "service")}, rule {JsonText.Text(workflowEvent.Data, "rule")}: {JsonText.Text(workflowEvent.Data, "status")}" : null);
        Add("Detail", ActionEvent.Is(workflowEvent) ? JsonText.Text(workflowEvent.Data, "detail") : null);
        Add("Workspace", Workspace.TryReadNames(origin.Source, out var workspace) ? workspace.Name : origin.Source);
        Add("Time", TemplateModel.Written(workflowEvent.Time));
        Add("Chain", Correlation.IdOf(workflowEvent));
        return facts;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                facts[name] = value;
            }
        }
    }

    private static Dictionary<string, Uri> Links(WorkflowEvent workflowEvent, Uri page)
    {
        var links = new Dictionary<string, Uri> { ["Open in the studio"] = page };
        foreach (var (name, address) in ActionEvent.Is(workflowEvent) ? JsonText.Texts(workflowEvent.Data, "links") : new Dictionary<string, string>())
        {
            if (Uri.TryCreate(address, UriKind.Absolute, out var link) && link.Scheme == Uri.UriSchemeHttps)
            {
                links[name] = link;
            }
        }

        return links;
    }
}
