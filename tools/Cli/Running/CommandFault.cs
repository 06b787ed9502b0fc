namespace MLEvents.Cli;

/// <summary>A command cannot do what it was asked; the message is for people, and the exit code for machines.</summary>
/// <param name="code">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
internal sealed class CommandFault(int code, string message) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int Code { get; } = code;
}
