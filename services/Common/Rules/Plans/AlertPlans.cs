using MLEvents.Events;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Renders the alerts of rules.</summary>
public static class AlertPlans
{
    /// <summary>Renders the alert of a rule for an event.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="previous">The events that came before in the same chain, the oldest first.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    /// <param name="fallback">
    /// The recipients of the mail that is sent if the rule yields no recipient, or if the call of its binding cannot be rendered. Default: none, so that there is no plan in these cases.
    /// </param>
    public static Planned<AlertPlan> Create(
        AlertRule rule, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous, Uri? studio = null, IReadOnlyList<string>? fallback = null) => Planned<AlertPlan>.Try(() =>
    {
        var before = new Dictionary<string, object?> { [TemplateModel.PreviousRoot] = previous.Select(one => one.ToVariables()).ToList() };
        var model = TemplateModel.For(workflowEvent, studio, before);
        var page = StudioLinks.ForEvent(studio ?? StudioLinks.PublicStudio, ActionEvent.OriginOf(workflowEvent));
        var rendering = new AlertRendering(model);
        var state = rule.State is { } stateful && rendering.Render("state.key", stateful.Key) is { } key ? new StatePlan(key.Trim(), stateful.Open.Matches(workflowEvent), stateful.Remind) : null;
        AlertPlan plan = rule.Send switch
        {
            { IsEmail: true } => MailPlans.Create(rule.Send, model, rendering, page, fallback ?? []),
            { Format: { } format } => ChatPlans.Create(rule.Send, format, workflowEvent, model, rendering, page, fallback ?? []),
            _ => BindingPlans.Create(rule.Send, workflowEvent, model, rendering, page, fallback ?? []),
        };
        return rendering.Problems.Count == 0 ? plan with { State = state } : plan with { State = state, Problem = string.Join("; ", rendering.Problems) };
    });
}
