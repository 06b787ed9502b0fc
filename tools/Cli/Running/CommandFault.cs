namespace MLEvents.Cli.Running;

/// <summary>The command failed. The message is for people, and the exit code for scripts.</summary>
/// <param name="code">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
/// <param name="inner">The exception that caused the fault; null if there is none.</param>
internal sealed class CommandFault(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int Code { get; } = code;

    /// <summary>The status code of the service's response; 0 if there was none.</summary>
    public int Status { get; init; }
}
