using MLEvents.Rules;

namespace MLEvents.Cli.Rules;

/// <summary>The rules of a folder, from the rule files that exist there.</summary>
/// <param name="Files">The existing files with their rules.</param>
internal sealed record LoadedRuleFiles(IReadOnlyList<RuleFile> Files)
{
    /// <summary>The rules in the order of the files.</summary>
    public IReadOnlyList<ServiceRule> Rules { get; } = [.. Files.SelectMany(file => file.Rules)];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The rules folder.</param>
    /// <param name="errors">The errors of invalid files. The result contains only the valid files.</param>
    /// <exception cref="CommandFault">The folder does not exist, or contains no rule file.</exception>
    public static LoadedRuleFiles Read(string folder, out IReadOnlyList<RuleError> errors)
    {
        if (!Directory.Exists(folder))
        {
            throw new CommandFault(ExitCodes.Unreachable, $"The folder '{folder}' does not exist. Name the folder that contains {Names()}.");
        }

        var (files, wrong) = (new List<RuleFile>(), new List<RuleError>());
        foreach (var (name, read) in RuleFile.Readers.Where(reader => File.Exists(Path.Combine(folder, reader.Key))))
        {
            try
            {
                files.Add(read(Path.Combine(folder, name)));
            }
            catch (RuleFileException exception)
            {
                wrong.AddRange(exception.Errors);
            }
        }

        errors = wrong;
        return files.Count + wrong.Count > 0
            ? new LoadedRuleFiles(files)
            : throw new CommandFault(ExitCodes.Unreachable, $"The folder '{folder}' contains none of {Names()}.");
    }

    /// <summary>Reads a folder whose files must be valid.</summary>
    /// <exception cref="CommandFault">The folder does not exist or contains no rule file, or a file is invalid. For invalid files, the message lists every
    /// error.</exception>
    public static LoadedRuleFiles ReadValid(string folder) => Read(folder, out var errors) is var files && errors.Count == 0
        ? files
        : throw new CommandFault(ExitCodes.Refused, string.Join(Environment.NewLine, errors));

    /// <summary>Selects one rule, or all rules.</summary>
    /// <param name="name">The rule; null for all.</param>
    /// <param name="includeDisabled">Whether disabled rules count as enabled.</param>
    /// <exception cref="CommandFault">The rule does not exist.</exception>
    public LoadedRuleFiles Chosen(string? name, bool includeDisabled)
    {
        if (name is not null && !Rules.Any(one => one.Rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            var expected = Rules.Count == 0 ? "the rule files contain no rules" : $"expected one of: {string.Join(", ", Rules.Select(one => one.Rule.Name))}";
            throw new CommandFault(ExitCodes.Refused, $"Unknown rule '{name}'; {expected}.");
        }

        return Only(name, includeDisabled);
    }

    /// <summary>Selects the rules with a name, or all rules. The result can be empty.</summary>
    /// <param name="name">The rule; null for all.</param>
    /// <param name="includeDisabled">Whether disabled rules count as enabled.</param>
    public LoadedRuleFiles Only(string? name, bool includeDisabled) => new([.. Files.Select(file => file with
    {
        Rules = [.. file.Rules
            .Where(one => name is null || one.Rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(one => includeDisabled ? one with { Rule = one.Rule with { Enabled = true } } : one)],
    })]);

    private static string Names() => string.Join(", ", RuleFile.Readers.Keys);
}
