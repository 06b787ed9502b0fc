using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>The paths of the sample rules, and of the reference files outside of the checkout.</summary>
internal static class Files
{
    public static string Rules(string file) => Repository.PathOf("rules", file);

    /// <summary>Returns the path of a reference file. Skips the test if the reference files are not available.</summary>
    public static string Reference(string file)
    {
        Assert.SkipWhen(Repository.Reference is null, $"The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so {file} is not read.");
        return Path.Combine(Repository.Reference ?? "", file);
    }
}
