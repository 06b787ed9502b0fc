using System.CommandLine;

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
        if (parsed.Errors is [var first, ..])
        {
            var reason = parsed.UnmatchedTokens is [var unknown, ..] ? $"'{unknown}' is not known here." : first.Message.ReplaceLineEndings(" ");
            await error.WriteLineAsync($"{reason} --help lists what there is.");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(new() { Output = output, Error = error });
    }

    /// <summary>The commands.</summary>
    public static RootCommand Create() => new(Description)
    {
        VerifyCommand.Create(),
    };
}
