using System.CommandLine;

namespace MLEvents.Cli.Running;

/// <summary>Extensions for commands.</summary>
internal static class CommandExtensions
{
    /// <summary>Sets the action of a command. A fault is printed as one line on the error stream and sets the exit code.</summary>
    public static Command Does(this Command command, Func<ParseResult, Terminal, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = Terminal.For(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            try
            {
                return await action(parsed, terminal, cancellationToken);
            }
            catch (CommandFault fault)
            {
                await terminal.Error.WriteLineAsync(fault.Message);
                return fault.Code;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await terminal.Error.WriteLineAsync(exception.Message);
                return ExitCodes.Unreachable;
            }
        });
        return command;
    }
}
