namespace MLEvents.Local.Host;

/// <summary>The rules folder of a scenario: that of the user, with the deployment rules of the scenario.</summary>
internal static class ScenarioRules
{
    private const string Strategies = "strategies";

    /// <summary>Writes the folder.</summary>
    /// <param name="script">The scenario.</param>
    /// <param name="rules">The rules folder of the user.</param>
    /// <param name="data">The folder for data.</param>
    /// <returns>The folder with the rules; that of the user if the scenario has no rules of its own.</returns>
    /// <exception cref="StartException">The rules folder does not contain the rules of the scenario.</exception>
    public static string Prepare(ScenarioScript script, string rules, string data)
    {
        if (script.Deployments is not { } file)
        {
            return rules;
        }

        var source = Path.Combine(rules, Strategies, file);
        if (!File.Exists(source))
        {
            throw new StartException($"The scenario '{script.Name}' needs {source}; use --rules with a folder that contains it.");
        }

        var target = Path.Combine(data, $"rules-{script.Name}");
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Copy(rules, target);
        Copy(Path.Combine(rules, Strategies), target);
        File.Copy(source, Path.Combine(target, "deployments.yaml"), overwrite: true);
        return target;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? to);
            File.Copy(file, target, overwrite: true);
        }
    }
}
