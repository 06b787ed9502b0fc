using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the binding calls of alert rules.</summary>
internal static class BindingPlans
{
    /// <summary>Renders a call. If its body or metadata cannot be rendered, the alert goes by mail to the fallback recipients, because the target accepts no other body.</summary>
    /// <exception cref="TemplateException">The call cannot be rendered, and there is no fallback recipient, or the default texts of the mail cannot be rendered either.</exception>
    public static AlertPlan Create(AlertMessage message, WorkflowEvent workflowEvent, TemplateModel model, AlertRendering rendering, Uri page, IReadOnlyList<string> fallback)
    {
        var throttle = rendering.Throttle(message.Throttle);
        var before = rendering.Problems.Count;
        var plan = new BindingPlan
        {
            Studio = page,
            Binding = message.Channel,
            Operation = message.Operation,
            Metadata = rendering.Render("metadata", message.Metadata),
            Data = message.Forward ? workflowEvent.Envelope.GetRawText() : rendering.Render("body", message.Body) ?? "",
            Throttle = throttle,
        };
        return rendering.Problems.Count == before ? plan
            : fallback.Count > 0 ? MailPlans.Fallback(model, rendering, page, fallback)
            : throw new TemplateException(string.Join("; ", rendering.Problems));
    }
}
