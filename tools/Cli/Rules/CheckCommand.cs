using System.CommandLine;

using MLEvents.Rules;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules check</c>: checks the rule files of a folder.</summary>
internal static class CheckCommand
{
    private const string Description = """
        Checks the rule files of a folder, and the templates and job files that they name, as the services do at their start.

        Each error is a line that editors can jump to: file(line,column): what is wrong.
        A warning does not change the exit code unless --warnings-as-errors is given. For example, a warning says that a condition excludes events without the key that it compares.

        Examples:
          mlevents rules check rules
          mlevents rules check rules && git push

        Exit codes: 0 all files are valid; 1 a file is invalid, or has a warning with --warnings-as-errors; 3 the folder or its rule files do not exist.
        """;

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var strict = new Option<bool>("--warnings-as-errors") { Description = "Exit with 1 if there is a warning." };
        return new Command("check", Description) { folder, strict }.Does((parsed, terminal, _) => RunAsync(parsed.GetRequiredValue(folder), parsed.GetValue(strict), terminal));
    }

    private static async Task<int> RunAsync(string folder, bool strict, Terminal terminal)
    {
        var loaded = LoadedRuleFiles.Read(folder, out var errors);
        foreach (var file in loaded.Files)
        {
            await terminal.Output.WriteLineAsync($"{terminal.Green("valid")}    {file.Path}: {Counted(file.Rules)}, version {file.Version}");
        }

        RuleError[] warnings = [.. loaded.Files.SelectMany(file => file.Warnings)];
        foreach (var warning in warnings)
        {
            await terminal.Error.WriteLineAsync($"{warning.File}({warning.Line},{warning.Column}): warning: {warning.Message}");
        }

        foreach (var file in errors.GroupBy(error => error.File))
        {
            await terminal.Output.WriteLineAsync($"{terminal.Red("invalid")}  {file.Key}: {file.Count()} {(file.Count() == 1 ? "error" : "errors")}");
        }

        foreach (var error in errors)
        {
            await terminal.Error.WriteLineAsync(error.ToString());
        }

        return errors.Count == 0 && !(strict && warnings.Length > 0) ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static string Counted(IReadOnlyList<ServiceRule> rules)
    {
        var disabled = rules.Count(rule => !rule.Rule.Enabled);
        return $"{rules.Count} {(rules.Count == 1 ? "rule" : "rules")}{(disabled > 0 ? $" ({disabled} disabled)" : "")}";
    }
}
