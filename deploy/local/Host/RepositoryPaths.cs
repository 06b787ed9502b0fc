namespace MLEvents.Local.Host;

/// <summary>Paths in the checkout.</summary>
/// <param name="Root">The checkout's root.</param>
internal sealed record RepositoryPaths(string Root)
{
    private const string SolutionFile = "Microservices.sln";

    /// <summary>The component files that the embedded sidecars load.</summary>
    public string Components => Path.Combine(Root, "components", "embedded");

    /// <summary>The component files for daprd.</summary>
    public string RedisComponents => Path.Combine(Root, "components", "redis");

    /// <summary>The sample rules.</summary>
    public string Rules => Path.Combine(Root, "rules");

    /// <summary>The rules of a scenario.</summary>
    public string RulesOf(ScenarioPlan scenario) => scenario.RulesFolder is { } folder ? Path.Combine(Rules, folder) : Rules;

    /// <summary>The default data folder.</summary>
    public string Data => Path.Combine(Root, ".local");

    /// <summary>
    /// Finds the checkout that contains the running program, or else the checkout that contains the current folder. Without a checkout, the current folder is the root.
    /// </summary>
    public static RepositoryPaths Find() =>
        new(FindRoot(AppContext.BaseDirectory) ?? FindRoot(Environment.CurrentDirectory) ?? Environment.CurrentDirectory);

    private static string? FindRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionFile)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
