namespace MLEvents.Tests.Common;

/// <summary>Finds files of the checkout that the tests run from.</summary>
public static class Repository
{
    /// <summary>The checkout's root: the nearest folder above the test that contains the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Returns the path of a file or folder of the checkout.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>
    /// The folder with official samples and recordings of daprd, which are not part of the repository. The environment variable <c>MLEVENTS_REFERENCE</c> sets
    /// its path. The default is <c>../shared/reference</c>. Null if the folder does not exist. Tests that need the folder are then skipped.
    /// </summary>
    public static string? Reference { get; } = FindReference();

    private static string? FindReference()
    {
        var folder = Environment.GetEnvironmentVariable("MLEVENTS_REFERENCE") is { Length: > 0 } set ? set : Path.Combine(Root, "..", "shared", "reference");
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Microservices.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} contains Microservices.sln.");
    }
}
