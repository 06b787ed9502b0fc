namespace MLEvents.Rules;

/// <summary>A rule file cannot be used. The message lists all errors, one a line.</summary>
public sealed class RuleFileException : Exception
{
    /// <summary>Creates an exception without errors.</summary>
    public RuleFileException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    public RuleFileException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    public RuleFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception from the errors of a file.</summary>
    public RuleFileException(IReadOnlyList<RuleError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>The errors, in the order of the file.</summary>
    public IReadOnlyList<RuleError> Errors { get; } = [];
}
