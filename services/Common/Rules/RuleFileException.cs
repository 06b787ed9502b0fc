namespace MLEvents.Rules;

/// <summary>A rule file cannot be used; the message lists everything that is wrong with it, a line each.</summary>
public sealed class RuleFileException : Exception
{
    /// <summary>An exception without errors to name.</summary>
    public RuleFileException()
    {
    }

    /// <summary>An exception with a message of its own.</summary>
    public RuleFileException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message of its own and a cause.</summary>
    public RuleFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The errors of a file.</summary>
    public RuleFileException(IReadOnlyList<RuleError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>What is wrong, in the order of the file.</summary>
    public IReadOnlyList<RuleError> Errors { get; } = [];
}
