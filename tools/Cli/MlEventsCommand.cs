using System.CommandLine;

using MLEvents.Cli.Filters;
using MLEvents.Cli.Login;
using MLEvents.Cli.Rules;
using MLEvents.Cli.Sending;

namespace MLEvents.Cli;

/// <summary>The command line of <c>mlevents</c>: one command for each thing that a person does with the services from outside.</summary>
internal static class MlEventsCommand
{
    private const string Description = """
        Looks into, tests and steers event-driven machine-learning workflows on Azure ML and Dapr.

        Exit codes: 0 done, and the answer is yes; 1 the answer is no (a wrong rule file, nothing there, refused); 2 the command line makes
        no sense; 3 a service or a file could not be reached.
        """;

    /// <summary>Reads the command line and does what it says.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors is [var any, ..])
        {
            // A word that means nothing is the reason; that a command is missing is what follows from it.
            var first = parsed.Errors.FirstOrDefault(one => parsed.UnmatchedTokens.Any(token => one.Message.Contains(token, StringComparison.Ordinal))) ?? any;
            await error.WriteLineAsync($"{first.Message.ReplaceLineEndings(" ")} --help lists what there is.");
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
