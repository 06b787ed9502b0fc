using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>The texts of an alert whose rule has no texts, or whose texts cannot be rendered.</summary>
internal static class DefaultAlert
{
    /// <summary>The subject: the event in one line.</summary>
    public static Template Subject { get; } = Template.Parse(
        "{% if action %}{{ action.service }}: {{ action.rule }} is {{ action.status }}{% else %}{{ eventType }} in {{ workspace.name | default: source }}: {{ subject }}{% endif %}",
        TemplateTarget.Header);

    /// <summary>The text: the event, its place and its time, with a link.</summary>
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

    /// <summary>Explains why a default replaces the rule's own message.</summary>
    public static string Explain(IEnumerable<string> problems) =>
        $"This is the default text. The rule's own message could not be rendered for this event:\n{string.Join('\n', problems.Select(problem => $"- {problem}"))}";
}
