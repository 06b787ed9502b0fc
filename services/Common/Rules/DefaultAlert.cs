using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>The texts of an alert whose rule has no texts, or whose texts cannot be rendered.</summary>
internal static class DefaultAlert
{
    /// <summary>The subject: the event, or the action whose status the event reports, in one line.</summary>
    public static Template Subject { get; } = Template.Parse(
        "{% if action %}{{ action.service }}: {{ action.rule }} is {{ action.status }}{% else %}{{ eventType }} in {{ workspace.name | default: source }}: {{ subject }}{% endif %}",
        TemplateTarget.Header);

    /// <summary>The text: the event or the action, the workspace, the time and a link.</summary>
    public static Template Text { get; } = Template.Parse(
        """
        {% if action %}{{ action.service }}, rule {{ action.rule }}: action {{ action.id }} is {{ action.status }}
        {{ action.detail }}
        Caused by {{ action.event.type }}: {{ action.event.subject | strip_newlines }}
        {% else %}{{ eventType }}: {{ subject | strip_newlines }}
        {% endif %}Workspace: {{ workspace.name | default: source }}
        Time: {{ time | default: "not given" }}

        {{ studioUrl }}
        """,
        TemplateTarget.Text);

    /// <summary>Says that the rule's own message was replaced, with the reasons. A mail has the default text before it; a chat message has only this text.</summary>
    public static string Explain(IEnumerable<string> problems) =>
        $"The rule's own message could not be rendered for this event:\n{string.Join('\n', problems.Select(problem => $"- {problem}"))}";
}
