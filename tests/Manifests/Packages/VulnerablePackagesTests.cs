using System.Text.RegularExpressions;

namespace MLEvents.Manifests.Packages;

/// <summary>Runs .ci/vulnerable-packages for one project against a feed on loopback.</summary>
public sealed partial class VulnerablePackagesTests
{
    private const string Advisory = "https://github.com/advisories/GHSA-xxxx-yyyy-zzzz";

    // The project does not reference this package. Another package of the project needs it.
    private const string Transitive = "xunit.v3.common";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public VulnerablePackagesTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for bash.");

    [Theory]
    [InlineData("yamldotnet")]
    [InlineData(Transitive)]
    public async Task A_package_with_a_known_vulnerability_is_listed_with_its_advisory(string package)
    {
        await using var feed = await PackageFeed.StartAsync(package, await VersionAsync(package), Advisory, Token);

        var result = await RunAsync(feed.Configuration);

        Assert.True(result.ExitCode == 1, result.Output);
        Assert.Matches($"(?i)> {Regex.Escape(package)} .*High .*{Advisory}", result.Output);
    }

    [Fact]
    public async Task Projects_whose_packages_have_no_known_vulnerability_are_counted()
    {
        await using var feed = await PackageFeed.StartAsync("yamldotnet", await VersionAsync("yamldotnet"), advisory: null, Token);

        var result = await RunAsync(feed.Configuration);

        Assert.Equal((0, "no package with a known vulnerability; projects checked: 1\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task An_unreachable_feed_is_reported_with_the_exit_code_2()
    {
        await using var feed = await PackageFeed.StartAsync("yamldotnet", "1.0.0", advisory: null, Token);
        await feed.StopAsync(Token);

        var result = await RunAsync(feed.Configuration);

        Assert.Equal(2, result.ExitCode);
        Assert.Matches("^the packages could not be checked for known vulnerabilities: error: .+\n$", result.Output);
    }

    [Fact]
    public async Task The_workflow_fails_and_the_local_run_continues_if_the_feed_is_unreachable()
    {
        var step = Node.Read(".github", "workflows", "build.yml")["jobs"]["test"]["steps"].Items.Single(step => step["run"].Exists && step["run"].Text.Contains("vulnerable-packages", StringComparison.Ordinal));

        // The step has no pipe, because the shell of a workflow takes the exit code of the last command of a pipe.
        Assert.EndsWith("\n.ci/vulnerable-packages --no-restore", step["run"].Text.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("[ $? -ne 1 ] || { status=1; failed=$((failed + 1)); }", await File.ReadAllTextAsync(Repository.PathOf(".ci", "run"), Token), StringComparison.Ordinal);
    }

    private static Task<ProgramRun> RunAsync(string configuration) =>
        Tool.RunAsync("bash", Repository.PathOf(".ci", "vulnerable-packages"), "tests/Manifests/Manifests.csproj", "--no-restore", "--config", configuration);

    private static async Task<string> VersionAsync(string package)
    {
        var locked = await File.ReadAllTextAsync(Repository.PathOf("tests", "Manifests", "packages.lock.json"), Token);
        return ResolvedVersion().Matches(locked).First(match => match.Groups["id"].Value.Equals(package, StringComparison.OrdinalIgnoreCase)).Groups["version"].Value;
    }

    [GeneratedRegex("""
        "(?<id>[A-Za-z0-9._-]+)": \{\s+"type": "[A-Za-z]+",(\s+"requested": "[^"]+",)?\s+"resolved": "(?<version>[^"]+)"
        """)]
    private static partial Regex ResolvedVersion();
}
