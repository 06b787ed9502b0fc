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
    public void No_project_file_contains_the_version_of_a_package()
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
    public void The_main_files_and_folders_exist(string path) =>
        Assert.True(Path.Exists(Repository.PathOf(path)), path);
}
