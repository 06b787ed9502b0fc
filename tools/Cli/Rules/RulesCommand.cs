using System.CommandLine;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules</c>: the commands for rule files.</summary>
internal static class RulesCommand
{
    public static Command Create() => new("rules", "Checks rule files, and evaluates them for events.")
    {
        CheckCommand.Create(),
        TestCommand.Create(),
        BacktestCommand.Create(),
        SchemaCommand.Create(),
    };

    /// <summary>The argument that names the rules folder.</summary>
    public static Argument<string> Folder() => new("DIR") { Description = "The rules folder with alerts.yaml, retraining.yaml and deployments.yaml, or some of them." };
}
