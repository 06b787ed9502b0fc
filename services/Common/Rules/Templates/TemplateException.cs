namespace MLEvents.Rules.Templates;

/// <summary>A template cannot be parsed, or cannot be rendered for an event. The message states the reason.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>Creates an exception without a reason.</summary>
    public TemplateException()
    {
    }

    /// <summary>Creates an exception with a reason.</summary>
    public TemplateException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a reason and a cause.</summary>
    public TemplateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception with a reason and its position in the template.</summary>
    public TemplateException(string message, int line, int column)
        : base(message) => (Line, Column) = (line, column);

    /// <summary>The line within the template, counted from 1; 0 if unknown.</summary>
    public int Line { get; }

    /// <summary>The column within the template, counted from 1; 0 if unknown.</summary>
    public int Column { get; }
}
