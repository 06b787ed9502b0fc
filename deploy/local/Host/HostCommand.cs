using System.CommandLine;

namespace MLEvents.Local.Host;

/// <summary>The command line of the local host.</summary>
internal static class HostCommand
{
    private const string Description = """
        Runs the whole loop on this machine: Azure Machine Learning events come in, people are notified, a model is retrained, the new model is rolled out.
        With --azure it runs for a real workspace: one process with all services, durable on SQLite in the data folder.

        Exit codes: 0 the scenario completed, no scenario was played, or a host without --once was stopped before the scenario ended; 1 the scenario
        did not complete, for instance because a host with --once was stopped, or the report could not be written; 2 the host could not start, or the
        command line is invalid.
        """;

    // The time limit of the process exceeds the time limit for stopping the environment, so that the command returns its exit code before the process is terminated.
    private static readonly TimeSpan StopReserve = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads the command line and runs the command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create(RepositoryPaths.Find(), (options, stop) => new LocalHost(options, new ConsoleWriter(output, error)).RunAsync(stop)).Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync($"{first.Message.ReplaceLineEndings(" ")} --help lists the options.");
            return ExitCodes.NotStarted;
        }

        return await parsed.InvokeAsync(new() { Output = output, Error = error, ProcessTerminationTimeout = StopTimeOf(parsed) });
    }

    /// <summary>How long the process waits for the command after a stop request.</summary>
    public static TimeSpan StopTimeOf(ParseResult parsed) =>
        (parsed.GetValue<bool>(HostCommandOptions.AzureName) ? LocalEnvironment.StopWithinForAzure : LocalEnvironment.StopWithin) + StopReserve;

    /// <summary>Creates the command, which passes its options to <paramref name="run"/>.</summary>
    public static RootCommand Create(RepositoryPaths paths, Func<HostOptions, CancellationToken, Task<int>> run)
    {
        var options = new HostCommandOptions(paths);
        var command = new RootCommand(Description);
        options.All.ToList().ForEach(command.Add);
        command.Validators.Add(options.ValidateAzureOptions);
        command.Validators.Add(options.ValidateScenarioOptions);
        command.SetAction((parsed, stop) => run(options.Read(parsed), stop));
        return command;
    }
}
