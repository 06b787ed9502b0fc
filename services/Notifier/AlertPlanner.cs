using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>Renders what a rule says about an event.</summary>
internal sealed class AlertPlanner(IOptions<NotifierOptions> options)
{
    private static readonly Template StudioUrl = Template.Parse("{{ studioUrl }}", TemplateTarget.Argument);

    /// <summary>The request for an alert. A template that can't be rendered is a fault of its rule alone: it fails visibly and stops no other.</summary>
    public ActionRequest Plan(AlertRule rule, string version, WorkflowEvent workflowEvent)
    {
        try
        {
            var model = TemplateModel.For(workflowEvent, options.Value.StudioBase.OriginalString);
            var studio = new Uri(StudioUrl.Render(model));
            AlertPlan plan = rule.Send.IsEmail ? Mail(rule.Send, model, studio) : Binding(rule.Send, model, studio, workflowEvent);
            return new ActionRequest(rule.Name, version, plan.ToJson());
        }
        catch (TemplateException exception)
        {
            return new ActionRequest(rule.Name, version, default, exception.Message);
        }
    }

    private static MailPlan Mail(AlertMessage message, TemplateModel model, Uri studio) => new MailPlan
    {
        Studio = studio,
        To = message.To,
        Cc = message.Cc,
        Bcc = message.Bcc,
        Subject = message.Subject?.Render(model) ?? "",
        Text = message.Text?.Render(model) ?? "",
        Html = message.Html?.Render(model),
    };

    private static BindingPlan Binding(AlertMessage message, TemplateModel model, Uri studio, WorkflowEvent workflowEvent) => new BindingPlan
    {
        Studio = studio,
        Binding = message.Channel,
        Operation = message.Operation,
        Metadata = message.Metadata.ToDictionary(entry => entry.Key, entry => entry.Value.Render(model)),
        Data = message.Forward ? workflowEvent.Envelope.GetRawText() : message.Body?.Render(model) ?? "",
    };
}
