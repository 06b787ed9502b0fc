using MLEvents.Tests.Common;

namespace MLEvents.Architecture;

public sealed class SolutionTests
{
    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Repository.PathOf("Microservices.sln")).Replace('\\', '/');

        Assert.All(ProjectFile.All, project => Assert.Contains($"\"{project.Path}\"", solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Versions_stand_in_one_place()
    {
        var projects = ProjectFile.All.Select(project => Repository.PathOf(project.Path));

        Assert.All(projects, project => Assert.DoesNotContain(" Version=", File.ReadAllText(project), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("LICENSE")]
    [InlineData("CHANGELOG.md")]
    [InlineData("global.json")]
    [InlineData(".editorconfig")]
    [InlineData(".ci/run")]
    [InlineData("components/embedded")]
    [InlineData("rules")]
    public void What_a_newcomer_needs_is_at_the_top(string path) =>
        Assert.True(Path.Exists(Repository.PathOf(path)), path);
}
