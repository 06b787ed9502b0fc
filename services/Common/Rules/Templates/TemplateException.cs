namespace MLEvents.Rules.Templates;

/// <summary>A template cannot be parsed, or cannot be rendered for an event; the message says which variable or construct is at fault.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>An exception without a reason.</summary>
    public TemplateException()
    {
    }

    /// <summary>An exception with a reason.</summary>
    public TemplateException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a reason and a cause.</summary>
    public TemplateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A reason that has a place in the template.</summary>
    public TemplateException(string message, int line, int column)
        : base(message) => (Line, Column) = (line, column);

    /// <summary>The line within the template, counted from 1; 0 if the place is not known.</summary>
    public int Line { get; }

    /// <summary>The column within the template, counted from 1; 0 if the place is not known.</summary>
    public int Column { get; }
}
