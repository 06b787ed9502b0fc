using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders what alert rules say.</summary>
public static class AlertPlans
{
    /// <summary>What a rule says about an event.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="previous">The events that came before in the same chain, the oldest first.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static Planned<AlertPlan> Create(AlertRule rule, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous, Uri? studio = null) => Planned<AlertPlan>.Try(() =>
    {
        var before = new Dictionary<string, object?> { [TemplateModel.PreviousRoot] = previous.Select(one => one.ToVariables()).ToList() };
        var model = TemplateModel.For(workflowEvent, studio, before);
        var page = StudioLinks.About(studio ?? StudioLinks.PublicStudio, ActionEvent.OriginOf(workflowEvent));
        AlertPlan plan = rule.Send.IsEmail ? Mail(rule.Send, model, page) : Binding(rule.Send, model, page, workflowEvent);
        return rule.State is { } state ? plan with { State = StateOf(state, model, workflowEvent) } : plan;
    });

    private static StatePlan StateOf(AlertState state, TemplateModel model, WorkflowEvent workflowEvent) =>
        new(model.Rendered("state.key", state.Key).Trim(), state.Open.Matches(workflowEvent), state.Remind);

    private static MailPlan Mail(AlertMessage message, TemplateModel model, Uri page) => new()
    {
        Studio = page,
        To = message.To,
        Cc = message.Cc,
        Bcc = message.Bcc,
        Subject = Optional("subject", message.Subject, model) ?? "",
        Text = Optional("text", message.Text, model) ?? "",
        Html = Optional("html", message.Html, model),
        Thread = Optional("thread", message.Thread, model),
        Throttle = message.Throttle is { } throttle ? new(throttle.Max, throttle.Per, Optional("throttle.key", throttle.Key, model) ?? "") : null,
    };

    private static BindingPlan Binding(AlertMessage message, TemplateModel model, Uri page, WorkflowEvent workflowEvent) => new()
    {
        Studio = page,
        Binding = message.Channel,
        Operation = message.Operation,
        Metadata = model.Rendered("metadata", message.Metadata),
        Data = message.Forward ? workflowEvent.Envelope.GetRawText() : Optional("body", message.Body, model) ?? "",
    };

    private static string? Optional(string what, Template? template, TemplateModel model) => template is null ? null : model.Rendered(what, template);
}
