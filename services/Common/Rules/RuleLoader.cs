using MLEvents.Rules.Reading;
using MLEvents.Rules.RuleReaders;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules;

/// <summary>Reads rule files. The folder of a file is its rules folder: the paths of templates and job files are relative to it and lie within it.</summary>
public static class RuleLoader
{
    /// <summary>Reads <c>alerts.yaml</c>.</summary>
    /// <exception cref="RuleFileException">The file, or a file that it names, is invalid or missing; the exception lists every error.</exception>
    public static RuleSet<AlertRule> LoadAlerts(string file) => Load<AlertRule>(file);

    /// <summary>Reads <c>retraining.yaml</c>.</summary>
    /// <exception cref="RuleFileException">The file, or a file that it names, is invalid or missing; the exception lists every error.</exception>
    public static RuleSet<RetrainingRule> LoadRetraining(string file) => Load<RetrainingRule>(file);

    /// <summary>Reads <c>deployments.yaml</c>.</summary>
    /// <exception cref="RuleFileException">The file, or a file that it names, is invalid or missing; the exception lists every error.</exception>
    public static RuleSet<DeploymentRule> LoadDeployments(string file) => Load<DeploymentRule>(file);

    internal static RuleSet<TRule> Load<TRule>(string file)
        where TRule : Rule
    {
        using var folder = new RuleFolder(Path.GetDirectoryName(Path.GetFullPath(file)) ?? Path.GetFullPath(file));
        var reading = new RuleParseContext(folder, file);
        var rules = ReadFile(file, folder, reading) is { } root ? ReadRules<TRule>(root, reading) : [];
        return reading.Errors is { Count: > 0 } errors ? throw new RuleFileException(errors) : new RuleSet<TRule>(folder.Version, file, rules) { Warnings = reading.Warnings, Files = folder.Files };
    }

    private static YamlNode? ReadFile(string file, RuleFolder folder, RuleParseContext reading)
    {
        try
        {
            var root = reading.Yaml(file, folder.Read(file));
            return root is null && reading.Errors.Count == 0 ? new YamlMap([], 1, 1) : root;
        }
        catch (NotUtf8Exception exception)
        {
            reading.Add(file, exception.Line, exception.Column, exception.Message);
            return null;
        }
        catch (IOException exception)
        {
            reading.Add(file, 0, 0, exception.Message);
            return null;
        }
    }

    private static List<TRule> ReadRules<TRule>(YamlNode root, RuleParseContext reading)
        where TRule : Rule
    {
        var format = RuleFormat.For<TRule>();
        if (root is not YamlMap map)
        {
            reading.Add(root, $"the file must begin with '{format.Key}:' and a list of rules");
            return [];
        }

        var keys = new MapReader(map, reading, format.File);
        var list = keys.Required(format.Key);
        keys.RejectUnreadKeys();
        if (list is null or YamlList)
        {
            return list is YamlList { Items: var items } ? ReadAll<TRule>(items, format, reading) : [];
        }

        reading.Add(list, $"'{format.Key}' must be a list of rules");
        return [];
    }

    private static List<TRule> ReadAll<TRule>(IReadOnlyList<YamlNode> items, RuleFormat format, RuleParseContext reading)
        where TRule : Rule
    {
        var rules = new List<TRule>();
        foreach (var item in items)
        {
            if (ReadOne(item, format, reading) is TRule rule)
            {
                RefuseSecond(rule, rules, item, reading);
                rules.Add(rule);
            }
        }

        return rules;
    }

    private static Rule? ReadOne(YamlNode item, RuleFormat format, RuleParseContext reading)
    {
        if (item is not YamlMap map)
        {
            reading.Add(item, "a rule must be a mapping with a name, a condition and an action");
            return null;
        }

        var keys = new MapReader(map, reading, format.Place);
        var rule = format.Read(keys);
        keys.RejectUnreadKeys();
        return rule;
    }

    // Names are compared without regard to case, because a rule's name is the default key of its limits, and these keys are case-insensitive.
    private static void RefuseSecond<TRule>(TRule rule, List<TRule> earlier, YamlNode item, RuleParseContext reading)
        where TRule : Rule
    {
        if (earlier.Find(one => one.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase)) is { } first)
        {
            reading.Add(item, $"duplicate rule name '{rule.Name}'; it is first used on line {first.Line}");
        }
    }
}
