using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>What an alert says when its rule has no texts, or when the rule's texts cannot be rendered.</summary>
internal static class DefaultAlert
{
    /// <summary>The subject: what happened.</summary>
    public static Template Subject { get; } = Template.Parse(
        "{% if action %}{{ action.service }}: {{ action.rule }} is {{ action.status }}{% else %}{{ eventType }} in {{ workspace.name | default: source }}: {{ subject }}{% endif %}",
        TemplateTarget.Header);

    /// <summary>The text: what happened, where and when, with a link.</summary>
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

    /// <summary>Says why a default stands in for the rule's own message.</summary>
    public static string Explain(IEnumerable<string> problems) =>
        $"This is the default text. The rule's own message could not be rendered for this event:\n{string.Join('\n', problems.Select(problem => $"- {problem}"))}";
}
