using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MLEvents.Manifests;

/// <summary>The workflows of GitHub Actions.</summary>
public sealed class WorkflowTests
{
    // The write permissions of the jobs, by the name of the workflow. Each permission needs a reason.
    private static readonly Dictionary<string, string[]> Written = new()
    {
        ["build"] = [],
        ["release"] = ["packages"], // The job pushes the images.
    };

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows")).Select(Path.GetFileName).OfType<string>()];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_job_has_the_permissions_that_it_needs_and_a_timeout(string file)
    {
        var workflow = Node.Read(".github", "workflows", file);

        Assert.Contains("permissions: {}", File.ReadLines(Repository.PathOf(".github", "workflows", file)));
        Assert.All(workflow["jobs"].Map.Values, job =>
        {
            Assert.Equal("read", job["permissions"]["contents"].Text);
            Assert.Equal(Written[workflow["name"].Text], job["permissions"].Map.Where(permission => permission.Value.Text != "read").Select(permission => permission.Key));
            Assert.InRange(int.Parse(job["timeout-minutes"].Text, System.Globalization.CultureInfo.InvariantCulture), 1, 120);
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void An_action_belongs_to_GitHub_and_is_pinned_by_its_commit(string file) =>
        Assert.All(Steps(file).Where(step => step["uses"].Exists), step => Assert.Matches("^actions/[a-z-]+@[0-9a-f]{40}$", step["uses"].Text));

    [Theory]
    [MemberData(nameof(Files))]
    public void No_script_contains_an_expression_because_a_pull_request_could_insert_code_through_it(string file) =>
        Assert.All(Steps(file).Where(step => step["run"].Exists), step => Assert.DoesNotContain("${{", step["run"].Text, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Scripts_are_valid_and_call_only_existing_programs_of_the_repository(string file)
    {
        foreach (var script in Steps(file).Where(step => step["run"].Exists).Select(step => step["run"].Text))
        {
            using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", "-c", script]) { RedirectStandardError = true }) ?? throw new InvalidOperationException("bash did not start.");
            bash.WaitForExit();

            Assert.True(bash.ExitCode == 0, bash.StandardError.ReadToEnd());
            Assert.All(Regex.Matches(script, @"(?<=^|\s)(\.ci|deploy)/[\w./-]+").Select(match => match.Value), path => Assert.True(File.Exists(Repository.PathOf(path)), path));
        }
    }

    [Fact]
    public void Dependabot_updates_each_kind_of_dependency()
    {
        var watched = Node.Read(".github", "dependabot.yml")["updates"].Items.Select(item => item["package-ecosystem"].Text);

        Assert.Equal(["nuget", "dotnet-sdk", "github-actions", "docker", "docker-compose"], watched);
    }

    private static IEnumerable<Node> Steps(string file) => Node.Read(".github", "workflows", file)["jobs"].Map.Values.SelectMany(job => job["steps"].Items);
}
