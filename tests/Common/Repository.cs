namespace MLEvents.Tests.Common;

/// <summary>Finds files of the checkout that the tests run from.</summary>
public static class Repository
{
    /// <summary>The checkout's root: the nearest folder above the test that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of the checkout.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The folder with facts and official samples beside the checkout; null where there is none.</summary>
    public static string? Reference { get; } = Path.Combine(Root, "..", "shared", "reference") is var folder && Directory.Exists(folder) ? Path.GetFullPath(folder) : null;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Microservices.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Microservices.sln.");
    }
}
