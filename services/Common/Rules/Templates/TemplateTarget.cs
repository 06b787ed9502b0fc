namespace MLEvents.Rules.Templates;

/// <summary>Where a template's output goes, which decides how values are written into it.</summary>
public enum TemplateTarget
{
    /// <summary>Text. The lines of a value after its first are indented, so that a value cannot pretend to be a line of the template; control characters are left out.</summary>
    Text,

    /// <summary>HTML: the values of variables are encoded, the template's own text is not.</summary>
    Html,

    /// <summary>A header, such as a mail's subject: one line without control characters, at most 200 characters long.</summary>
    Header,

    /// <summary>JSON: values are escaped so that they stay within the quotes that the template puts round them.</summary>
    Json,

    /// <summary>A value passed to another system: plain text without white space at its ends.</summary>
    Argument,
}
