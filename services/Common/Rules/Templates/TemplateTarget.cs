namespace MLEvents.Rules.Templates;

/// <summary>The target of a template's output. It decides how values are written.</summary>
public enum TemplateTarget
{
    /// <summary>
    /// Text. All lines of a value after the first are indented, so that a value cannot look like a line of the template.
    /// Control characters, except tabs, are removed.
    /// </summary>
    Text,

    /// <summary>HTML: the values of variables are encoded; the template's own text is not.</summary>
    Html,

    /// <summary>A header, such as a mail's subject: one line without control characters, at most 200 characters long.</summary>
    Header,

    /// <summary>JSON: values are escaped, so that they stay within the quotes of the template.</summary>
    Json,

    /// <summary>A value for another system: plain text without white space at its ends.</summary>
    Argument,
}
