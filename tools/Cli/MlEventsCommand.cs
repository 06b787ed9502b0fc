using System.CommandLine;

using MLEvents.Cli.Filters;
using MLEvents.Cli.Login;
using MLEvents.Cli.Rules;
using MLEvents.Cli.Sending;

namespace MLEvents.Cli;

/// <summary>The command line of <c>mlevents</c>.</summary>
internal static class MlEventsCommand
{
    private const string Description = """
        Tests, inspects and operates event-driven machine-learning workflows on Azure ML and Dapr.

        Exit codes: 0 success; 1 negative result (a rule file is invalid, an item does not exist, or a service refused); 2 the command line or the
        stored login is invalid, or a secret would be sent over an unencrypted connection; 3 a service or a file is not reachable.
        """;

    /// <summary>Reads the command line and runs the command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors is [var any, ..])
        {
            // An unknown word is reported first, because it is the cause of the error that a command is missing.
            var first = parsed.Errors.FirstOrDefault(one => parsed.UnmatchedTokens.Any(token => one.Message.Contains(token, StringComparison.Ordinal))) ?? any;
            await error.WriteLineAsync($"{first.Message.ReplaceLineEndings(" ")} --help lists the commands and options.");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(new() { Output = output, Error = error });
    }

    /// <summary>The commands.</summary>
    public static RootCommand Create() => new(Description)
    {
        ActionsCommand.Create(),
        ApprovalsCommand.Create(),
        DeadLettersCommand.Create(),
        DeploymentsCommand.Create(),
        ExplainCommand.Create(),
        FilterCommand.Create(),
        LoginCommand.Create(),
        LoginCommand.CreateLogout(),
        QuarantineCommand.Create(),
        RulesCommand.Create(),
        SendCommand.Create(),
    };
}
